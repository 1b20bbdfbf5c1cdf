package accounts

import (
	"slices"
	"strings"
)

// Privilege is a set of static privileges. The bits are stored: they are for ever.
type Privilege uint64

// The static privileges, in the order in which MySQL lists them.
const (
	Select Privilege = 1 << iota
	Insert
	Update
	Delete
	Create
	Drop
	Reload
	Shutdown
	Process
	File
	GrantOption
	References
	Index
	Alter
	ShowDatabases
	Super
	CreateTemporary
	LockTables
	Execute
	ReplicationSlave
	ReplicationClient
	CreateView
	ShowView
	CreateRoutine
	AlterRoutine
	CreateUser
	Event
	Trigger
	CreateTablespace
	CreateRole
	DropRole
)

// What each level of GRANT can hold; ALL is these without GrantOption.
const (
	AllGlobal   = 1<<31 - 1
	AllDatabase = Select | Insert | Update | Delete | Create | Drop | GrantOption | References | Index | Alter | CreateTemporary | LockTables |
		Execute | CreateView | ShowView | CreateRoutine | AlterRoutine | Event | Trigger
	AllTable   = Select | Insert | Update | Delete | Create | Drop | GrantOption | References | Index | Alter | CreateView | ShowView | Trigger
	AllColumn  = Select | Insert | Update | References
	AllRoutine = Execute | AlterRoutine | GrantOption
)

// privilegeName is a privilege as GRANT names it, and as columns and SET types of mysql's tables do.
type privilegeName struct {
	privilege     Privilege
	name          string
	column        string // of mysql.user and mysql.db
	setTable, set string // in mysql.tables_priv, mysql.procs_priv; empty if not there
}

// names are the privileges in their order.
var names = [...]privilegeName{
	{Select, "SELECT", "Select_priv", "Select", ""},
	{Insert, "INSERT", "Insert_priv", "Insert", ""},
	{Update, "UPDATE", "Update_priv", "Update", ""},
	{Delete, "DELETE", "Delete_priv", "Delete", ""},
	{Create, "CREATE", "Create_priv", "Create", ""},
	{Drop, "DROP", "Drop_priv", "Drop", ""},
	{Reload, "RELOAD", "Reload_priv", "", ""},
	{Shutdown, "SHUTDOWN", "Shutdown_priv", "", ""},
	{Process, "PROCESS", "Process_priv", "", ""},
	{File, "FILE", "File_priv", "", ""},
	{GrantOption, "GRANT", "Grant_priv", "Grant", "Grant"},
	{References, "REFERENCES", "References_priv", "References", ""},
	{Index, "INDEX", "Index_priv", "Index", ""},
	{Alter, "ALTER", "Alter_priv", "Alter", ""},
	{ShowDatabases, "SHOW DATABASES", "Show_db_priv", "", ""},
	{Super, "SUPER", "Super_priv", "", ""},
	{CreateTemporary, "CREATE TEMPORARY TABLES", "Create_tmp_table_priv", "", ""},
	{LockTables, "LOCK TABLES", "Lock_tables_priv", "", ""},
	{Execute, "EXECUTE", "Execute_priv", "", "Execute"},
	{ReplicationSlave, "REPLICATION SLAVE", "Repl_slave_priv", "", ""},
	{ReplicationClient, "REPLICATION CLIENT", "Repl_client_priv", "", ""},
	{CreateView, "CREATE VIEW", "Create_view_priv", "Create View", ""},
	{ShowView, "SHOW VIEW", "Show_view_priv", "Show view", ""},
	{CreateRoutine, "CREATE ROUTINE", "Create_routine_priv", "", ""},
	{AlterRoutine, "ALTER ROUTINE", "Alter_routine_priv", "", "Alter Routine"},
	{CreateUser, "CREATE USER", "Create_user_priv", "", ""},
	{Event, "EVENT", "Event_priv", "", ""},
	{Trigger, "TRIGGER", "Trigger_priv", "Trigger", ""},
	{CreateTablespace, "CREATE TABLESPACE", "Create_tablespace_priv", "", ""},
	{CreateRole, "CREATE ROLE", "Create_role_priv", "", ""},
	{DropRole, "DROP ROLE", "Drop_role_priv", "", ""},
}

// dynamicNames are the dynamic privileges, sorted.
var dynamicNames = [...]string{"ALLOW_NONEXISTENT_DEFINER", "APPLICATION_PASSWORD_ADMIN", "AUDIT_ABORT_EXEMPT", "AUDIT_ADMIN", "AUTHENTICATION_POLICY_ADMIN",
	"BACKUP_ADMIN", "BINLOG_ADMIN", "BINLOG_ENCRYPTION_ADMIN", "CLONE_ADMIN", "CONNECTION_ADMIN", "CREATE_SPATIAL_REFERENCE_SYSTEM",
	"ENCRYPTION_KEY_ADMIN", "FIREWALL_EXEMPT", "FLUSH_OPTIMIZER_COSTS", "FLUSH_PRIVILEGES", "FLUSH_STATUS", "FLUSH_TABLES",
	"FLUSH_USER_RESOURCES", "GROUP_REPLICATION_ADMIN", "GROUP_REPLICATION_STREAM", "INNODB_REDO_LOG_ARCHIVE", "INNODB_REDO_LOG_ENABLE",
	"MANAGE_DATA_MASKING_POLICY", "OPTIMIZE_LOCAL_TABLE", "PASSWORDLESS_USER_ADMIN", "PERSIST_RO_VARIABLES_ADMIN", "REPLICATION_APPLIER",
	"REPLICATION_SLAVE_ADMIN", "RESOURCE_GROUP_ADMIN", "RESOURCE_GROUP_USER", "ROLE_ADMIN", "SENSITIVE_VARIABLES_OBSERVER",
	"SERVICE_CONNECTION_ADMIN", "SESSION_VARIABLES_ADMIN", "SET_ANY_DEFINER", "SHOW_ROUTINE", "SYSTEM_USER", "SYSTEM_VARIABLES_ADMIN",
	"TABLE_ENCRYPTION_ADMIN", "TELEMETRY_LOG_ADMIN", "TRANSACTION_GTID_TAG", "XA_RECOVER_ADMIN"}

// isDynamic reports whether name, in upper case, is a dynamic privilege.
func isDynamic(name string) bool {
	_, found := slices.BinarySearch(dynamicNames[:], name)
	return found
}

// DynamicNames lists the dynamic privileges, sorted.
func DynamicNames() []string { return slices.Clone(dynamicNames[:]) }

// String lists the privileges as error messages do.
func (p Privilege) String() string { return strings.Join(p.list(false), ", ") }

// Names lists the privileges as GRANT names them, GRANT OPTION left out.
func (p Privilege) Names() []string { return (p &^ GrantOption).list(false) }

func (p Privilege) list(stored bool) []string {
	var list []string
	for _, n := range names {
		if p&n.privilege != 0 && (!stored || n.setTable != "") {
			list = append(list, n.name)
		}
	}
	return list
}

// Columns calls each with the column of mysql.user that stands for each privilege and with the privilege.
func Columns(each func(column string, p Privilege)) {
	for _, n := range names {
		each(n.column, n.privilege)
	}
}

// TableSet is the privileges as the SET columns of mysql.tables_priv and columns_priv hold them.
func (p Privilege) TableSet() string {
	var list []string
	for _, n := range names {
		if p&n.privilege != 0 && n.setTable != "" {
			list = append(list, n.setTable)
		}
	}
	return strings.Join(list, ",")
}

// RoutineSet is the privileges as the SET column of mysql.procs_priv holds them.
func (p Privilege) RoutineSet() string {
	var list []string
	for _, of := range [...]Privilege{Execute, AlterRoutine, GrantOption} {
		for _, n := range names {
			if p&of == n.privilege && of == n.privilege {
				list = append(list, n.set)
			}
		}
	}
	return strings.Join(list, ",")
}
