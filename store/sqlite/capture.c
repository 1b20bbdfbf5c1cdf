/* The list of what happened to rows, filled by SQLite's preupdate hook.
**
** An entry is: u32 length of the whole, u8 op (as txn.Op), u8 unused, u16 depth, u16 columns,
** u16 length of the alias, u16 length of the table name, i64 old and i64 new row id, the two names, then
** the old values (update, delete) and the new values (insert, update) in flat form. */
#include "marmot.h"
#include <string.h>

#define ENTRY_HEADER 30
enum { OP_INSERT = 1, OP_UPDATE = 2, OP_DELETE = 3 };

static void put16(uint8_t *p, int v){ uint16_t u = (uint16_t)v; memcpy(p, &u, 2); }
static void put64(uint8_t *p, int64_t v){ memcpy(p, &v, 8); }

/* Tables of SQLite's own, of Marmot's catalog, and TEMP tables never leave the branch. */
static int is_private(MarmotConn *c, const char *alias, const char *table){
  if( alias[0]=='t' && strcmp(alias, "temp")==0 ) return 1;
  if( !c->capture_main && strcmp(alias, "main")==0 ) return 1;
  return strncmp(table, "_marmot_", 8)==0 || strncmp(table, "sqlite_", 7)==0;
}

static int append_images(MarmotBuffer *b, sqlite3 *db, int op, int columns){
  sqlite3_value *v;
  for(int i=0; op!=SQLITE_INSERT && i<columns; i++){
    if( sqlite3_preupdate_old(db, i, &v) || marmot_append_value(b, v) ) return SQLITE_NOMEM;
  }
  for(int i=0; op!=SQLITE_DELETE && i<columns; i++){
    if( sqlite3_preupdate_new(db, i, &v) || marmot_append_value(b, v) ) return SQLITE_NOMEM;
  }
  return SQLITE_OK;
}

static int append_entry(MarmotBuffer *b, sqlite3 *db, int op, const char *alias, const char *table, int64_t old, int64_t new){
  int64_t start = b->n;
  size_t na = strlen(alias), nt = strlen(table);
  int columns = sqlite3_preupdate_count(db);
  uint8_t *p = marmot_reserve(b, ENTRY_HEADER + na + nt);
  if( !p ) return SQLITE_NOMEM;
  p[4] = op==SQLITE_INSERT ? OP_INSERT : op==SQLITE_UPDATE ? OP_UPDATE : OP_DELETE;
  p[5] = 0;
  put16(p+6, sqlite3_preupdate_depth(db));
  put16(p+8, columns);
  put16(p+10, (int)na);
  put16(p+12, (int)nt);
  put64(p+14, old);
  put64(p+22, new);
  memcpy(p+ENTRY_HEADER, alias, na);
  memcpy(p+ENTRY_HEADER+na, table, nt);
  b->n += ENTRY_HEADER + na + nt;
  int rc = append_images(b, db, op, columns);
  uint32_t size = (uint32_t)(b->n - start);
  memcpy(b->data+start, &size, 4);
  return rc;
}

/* The hook cannot fail the statement. Beyond the limit it keeps nothing and lets the statement come
** to its end, where marmot_step reports it and nothing else of the transaction is lost; one that
** goes on for as much again is interrupted, which ends the transaction. */
static void on_change(void *p, sqlite3 *db, int op, const char *alias, const char *table, sqlite3_int64 old, sqlite3_int64 new){
  MarmotConn *c = p;
  if( !c->capture_on || is_private(c, alias, table) ) return;
  int64_t start = c->captured.n;
  if( append_entry(&c->captured, db, op, alias, table, old, new) ) c->capture_failed = 1;
  int64_t size = c->captured.n - start;
  if( c->capture_failed || (c->capture_limit && (c->captured.n>c->capture_limit || c->capture_over)) ){
    c->captured.n = start;
    c->capture_over += size;
  }
  if( c->capture_failed || (c->capture_limit && c->capture_over>c->capture_limit) ){
    __atomic_store_n(&c->stop, MARMOT_STOP_CAPTURE, __ATOMIC_RELAXED);
  }
}

void marmot_capture_start(MarmotConn *c, int capture_main){
  c->capture_on = 1;
  c->capture_main = capture_main;
  if( marmot_preupdate_available() ) sqlite3_preupdate_hook(c->db, on_change, c);
}
