package node

// Version is the release of this binary; the build sets it.
var Version = "unknown"

// mysqlVersion is @@version: clients read features from its number.
const mysqlVersion = "8.4.6-marmot"
