CREATE TABLE "Orders_2" ("id" NOT NULL, "name" TEXT, "price" TEXT NOT NULL, "at" TEXT NOT NULL, "size" TEXT, "twice" INTEGER, "raw" BLOB NOT NULL, "ratio" REAL NOT NULL, "n" INTEGER NOT NULL, "u" TEXT NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE UNIQUE INDEX "Orders_2.name" ON "Orders_2" (substr("name", 1, 10) COLLATE utf8mb4_0900_ai_ci, "price" COLLATE marmot_decimal DESC);
CREATE INDEX "Orders_2.plain" ON "Orders_2" ("name" COLLATE utf8mb4_0900_ai_ci, "size" COLLATE utf8mb4_bin);

CREATE TABLE "t" ("a" INTEGER PRIMARY KEY NOT NULL, "c" TEXT);

CREATE TABLE "t" ("a" INTEGER NOT NULL, "c" TEXT, "d" BLOB NOT NULL, PRIMARY KEY ("a", "d")) WITHOUT ROWID;

CREATE TABLE "t" ("a" INTEGER NOT NULL, "b""q" TEXT NOT NULL);
CREATE UNIQUE INDEX "t.PRIMARY" ON "t" ("b""q" COLLATE utf8mb4_general_ci);

CREATE TABLE "t" ("a" INTEGER NOT NULL, "c" TEXT, "b""q" TEXT NOT NULL, _marmot_rowid INTEGER PRIMARY KEY);

