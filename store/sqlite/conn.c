/* Connections and statements. */
#include "marmot.h"
#include "_cgo_export.h"
#include <string.h>

/* Opcodes between two looks at whether the statement has to stop: about 20 microseconds. */
#define PROGRESS_OPCODES 1000
/* A parameter buffer larger than this is given back when its statement ends. */
#define KEEP_PARAMETER_BYTES 65536

static int stop_reason(MarmotConn *c){ return __atomic_load_n(&c->stop, __ATOMIC_RELAXED); }
static void set_stop(MarmotConn *c, int reason){ __atomic_store_n(&c->stop, reason, __ATOMIC_RELAXED); }

/* sqlite3_interrupt() is not used: it holds until no statement runs, and the one that pins a
** branch's snapshot always does. */
void marmot_interrupt(MarmotConn *c){
  if( __atomic_load_n(&c->active, __ATOMIC_RELAXED)>0 ) set_stop(c, MARMOT_STOP_INTERRUPT);
}

static int on_progress(void *p){
  MarmotConn *c = p;
  if( stop_reason(c) ) return 1;
  if( c->progress_every==0 ) return 0;
  c->progress_count -= c->progress_every<PROGRESS_OPCODES ? c->progress_every : PROGRESS_OPCODES;
  if( c->progress_count>0 ) return 0;
  c->progress_count = c->progress_every;
  return marmot_go_progress(c->handle);
}

void marmot_progress(MarmotConn *c, int64_t opcodes){
  c->progress_every = c->progress_count = opcodes;
  int period = opcodes>0 && opcodes<PROGRESS_OPCODES ? (int)opcodes : PROGRESS_OPCODES;
  sqlite3_progress_handler(c->db, period, on_progress, c);
}

static int listed(const char *name, const char *const *list){
  for(; *list; list++) if( strcmp(name, *list)==0 ) return 1;
  return 0;
}

static int allowed_pragma(const char *name, const char *argument){
  static const char *const questions[] = {
    "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo",
    "foreign_key_list", "foreign_key_check", "integrity_check", "quick_check", "database_list",
    "collation_list", "function_list", "module_list", "pragma_list", "compile_options", "data_version", 0};
  static const char *const values[] = {
    "user_version", "application_id", "schema_version", "page_count", "page_size", "freelist_count",
    "encoding", "journal_mode", "cache_size", "cache_spill", "foreign_keys", "recursive_triggers",
    "synchronous", "temp_store", 0};
  return listed(name, questions) || (argument==0 && listed(name, values));
}

/* What a branch may not do: change how its files are written or which they are. VACUUM attaches a
** database, and so is refused here too. Virtual tables other than full-text indexes would change
** without a captured row. */
static int authorize(void *p, int action, const char *a, const char *b, const char *db, const char *trigger){
  MarmotConn *c = p;
  (void)db; (void)trigger;
  if( !c->guarded ) return SQLITE_OK;
  switch( action ){
    case SQLITE_ATTACH: case SQLITE_DETACH:
      return SQLITE_DENY;
    case SQLITE_CREATE_VTABLE: case SQLITE_DROP_VTABLE:
      return b && (strcmp(b, "fts5")==0 || strcmp(b, "fts5vocab")==0) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_FUNCTION:
      return b && strcmp(b, "load_extension")==0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
      return allowed_pragma(a, b) ? SQLITE_OK : SQLITE_DENY;
  }
  return SQLITE_OK;
}

int marmot_open(const char *path, int flags, const char *vfs, uintptr_t handle, MarmotConn **out){
  MarmotConn *c = marmot_alloc(sizeof *c);
  *out = c;
  if( !c ) return SQLITE_NOMEM;
  c->handle = handle;
  int rc = sqlite3_open_v2(path, &c->db, flags|SQLITE_OPEN_NOMUTEX, vfs);
  if( !c->db ) return SQLITE_NOMEM;
  if( rc ) return marmot_error(c, rc);
  sqlite3_extended_result_codes(c->db, 1);
  /* A misspelt "name" is an error, never a text. */
  sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, (int*)0);
  sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, (int*)0);
  sqlite3_set_authorizer(c->db, authorize, c);
  marmot_progress(c, 0);
  return SQLITE_OK;
}

int marmot_close(MarmotConn *c){
  if( !c ) return SQLITE_OK;
  int rc = sqlite3_close_v2(c->db);
  marmot_buffer_free(&c->result.bytes);
  marmot_buffer_free(&c->message);
  marmot_buffer_free(&c->captured);
  marmot_free(c);
  return rc;
}

/* Notes of an earlier failure are no longer true. */
static void clear_failure(MarmotConn *c){
  c->rolled_back = 0;
  c->over_limit = 0;
}

int marmot_error(MarmotConn *c, int rc){
  int extended = sqlite3_extended_errcode(c->db);
  const char *text = sqlite3_errmsg(c->db);
  if( (extended&0xff)!=(rc&0xff) ){
    extended = rc;
    text = sqlite3_errstr(rc);
  }
  int64_t size = (int64_t)strlen(text);
  c->message.n = 0;
  if( marmot_reserve(&c->message, size) ){
    memcpy(c->message.data, text, size);
    c->message.n = size;
  }
  return extended;
}

int marmot_exec(MarmotConn *c, const char *sql){
  int guarded = c->guarded;
  c->guarded = 0;
  clear_failure(c);
  if( __atomic_load_n(&c->active, __ATOMIC_RELAXED)==0 ) set_stop(c, MARMOT_STOP_NONE);
  int rc = sqlite3_exec(c->db, sql, 0, 0, 0);
  c->guarded = guarded;
  return rc ? marmot_error(c, rc) : SQLITE_OK;
}

/* Has SQLite compare what it has parsed of each database with the file, and parse it again if the
** definitions changed. */
static void refresh_schemas(MarmotConn *c){
  sqlite3_stmt *list = 0;
  int guarded = c->guarded;
  c->guarded = 0;
  if( sqlite3_prepare_v3(c->db, "PRAGMA database_list", -1, 0, &list, 0)==SQLITE_OK ){
    while( sqlite3_step(list)==SQLITE_ROW ){
      char *sql = sqlite3_mprintf("SELECT 1 FROM \"%w\".sqlite_schema LIMIT 1", sqlite3_column_text(list, 1));
      if( sql ) sqlite3_exec(c->db, sql, 0, 0, 0);
      sqlite3_free(sql);
    }
  }
  sqlite3_finalize(list);
  c->guarded = guarded;
}

int marmot_prepare(MarmotConn *c, const char *sql, int size, int persistent, MarmotStmt **out, int *tail){
  const char *rest = sql;
  sqlite3_stmt *stmt = 0;
  *out = 0;
  clear_failure(c);
  if( __atomic_load_n(&c->active, __ATOMIC_RELAXED)==0 ) set_stop(c, MARMOT_STOP_NONE);
  unsigned flags = persistent ? SQLITE_PREPARE_PERSISTENT : 0;
  int rc = sqlite3_prepare_v3(c->db, sql, size, flags, &stmt, &rest);
  /* SQLite finds out that definitions changed when a statement runs. One that is wrong by the old
  ** definitions ("table t has 3 columns but 4 values were supplied") would never get so far. */
  if( (rc&0xff)==SQLITE_ERROR ){
    refresh_schemas(c);
    rc = sqlite3_prepare_v3(c->db, sql, size, flags, &stmt, &rest);
  }
  if( rc ) return marmot_error(c, rc);
  *tail = (int)(rest - sql);
  if( !stmt ) return SQLITE_OK;
  MarmotStmt *s = marmot_alloc(sizeof *s);
  if( !s ){
    sqlite3_finalize(stmt);
    return SQLITE_NOMEM;
  }
  s->stmt = stmt;
  s->columns = sqlite3_column_count(stmt);
  s->parameters = sqlite3_bind_parameter_count(stmt);
  *out = s;
  return SQLITE_OK;
}

/* The statement is over, whatever came of it. */
static void ended(MarmotConn *c, MarmotStmt *s){
  if( !s->active ) return;
  s->active = 0;
  if( s->params.cap>KEEP_PARAMETER_BYTES ){
    sqlite3_clear_bindings(s->stmt);
    marmot_buffer_free(&s->params);
  }
  if( __atomic_sub_fetch(&c->active, 1, __ATOMIC_RELAXED)==0 || stop_reason(c)==MARMOT_STOP_CAPTURE ){
    set_stop(c, MARMOT_STOP_NONE);
  }
}

void marmot_reset(MarmotConn *c, MarmotStmt *s){
  sqlite3_reset(s->stmt);
  ended(c, s);
}

void marmot_finalize(MarmotConn *c, MarmotStmt *s){
  if( !s ) return;
  ended(c, s);
  sqlite3_finalize(s->stmt);
  marmot_buffer_free(&s->params);
  marmot_free(s);
}

uint8_t *marmot_params(MarmotStmt *s, int64_t size){
  s->params.n = 0;
  return marmot_reserve(&s->params, size);
}

/* Binds the flat parameters. Texts and blobs stay where they are, so nothing is copied. */
static int bind_params(MarmotStmt *s){
  const uint8_t *p = s->params.data, *end = p + s->params.n;
  int rc = SQLITE_OK;
  for(int i=1; p<end && rc==SQLITE_OK; i++){
    int kind = *p++;
    switch( kind ){
      case SQLITE_INTEGER: { sqlite3_int64 v; memcpy(&v, p, 8); p += 8; rc = sqlite3_bind_int64(s->stmt, i, v); break; }
      case SQLITE_FLOAT: { double v; memcpy(&v, p, 8); p += 8; rc = sqlite3_bind_double(s->stmt, i, v); break; }
      case SQLITE_NULL: rc = sqlite3_bind_null(s->stmt, i); break;
      default: {
        int32_t size;
        memcpy(&size, p, 4);
        p += 4;
        rc = kind==SQLITE_TEXT ? sqlite3_bind_text64(s->stmt, i, (const char*)p, size, SQLITE_STATIC, SQLITE_UTF8)
                               : sqlite3_bind_blob64(s->stmt, i, p, size, SQLITE_STATIC);
        p += size;
      }
    }
  }
  return rc;
}

static int begin(MarmotConn *c, MarmotStmt *s, int binding){
  if( __atomic_load_n(&c->active, __ATOMIC_RELAXED)==0 ){
    set_stop(c, MARMOT_STOP_NONE);
    c->capture_over = 0;
    c->cascade = 0;
  }
  s->active = 1;
  __atomic_add_fetch(&c->active, 1, __ATOMIC_RELAXED);
  if( binding==1 ) return sqlite3_clear_bindings(s->stmt);
  if( binding==2 ) return bind_params(s);
  return SQLITE_OK;
}

/* Steps rows into out until max_rows or max_bytes is reached or there are no more. */
static int step_rows(MarmotStmt *s, MarmotBuffer *out, int max_rows, int64_t max_bytes){
  for(;;){
    int rc = sqlite3_step(s->stmt);
    if( rc!=SQLITE_ROW ) return rc;
    /* A statement is prepared again when a definition changed; SELECT * may then have other columns. */
    if( s->rows==0 ) s->columns = sqlite3_column_count(s->stmt);
    for(int i=0; i<s->columns; i++){
      if( marmot_append_column(out, s->stmt, i) ) return SQLITE_NOMEM;
    }
    if( ++s->rows>=max_rows || out->n>=max_bytes ) return SQLITE_ROW;
  }
}

int marmot_step(MarmotConn *c, MarmotStmt *s, int binding, MarmotBuffer *out, int max_rows, int64_t max_bytes){
  int rc = SQLITE_OK, was_autocommit = sqlite3_get_autocommit(c->db);
  int64_t over = c->capture_over;
  out->n = 0;
  s->rows = 0;
  clear_failure(c);
  if( !s->active ){
    rc = begin(c, s, binding);
    over = c->capture_over;
  }
  if( rc==SQLITE_OK ) rc = step_rows(s, out, max_rows, max_bytes);
  if( rc==SQLITE_ROW ) return rc;
  if( rc!=SQLITE_DONE ){
    rc = marmot_error(c, rc);
    c->rolled_back = !was_autocommit && sqlite3_get_autocommit(c->db);
  }else if( c->capture_failed ){
    rc = SQLITE_NOMEM;
  }else if( c->capture_over>over ){
    c->over_limit = 1;
  }
  if( (rc&0xff)==SQLITE_INTERRUPT && stop_reason(c)==MARMOT_STOP_CAPTURE ) c->over_limit = 1;
  if( c->over_limit ) rc = SQLITE_TOOBIG;
  c->capture_failed = 0;
  marmot_reset(c, s);
  return rc;
}

int marmot_backup(MarmotConn *from, const char *alias, MarmotConn *to, const char *to_alias){
  sqlite3_backup *b = sqlite3_backup_init(to->db, to_alias, from->db, alias);
  if( !b ) return marmot_error(to, sqlite3_errcode(to->db));
  int rc = sqlite3_backup_step(b, -1);
  int finished = sqlite3_backup_finish(b);
  if( rc==SQLITE_DONE ) rc = finished;
  return rc ? marmot_error(to, rc) : SQLITE_OK;
}

int marmot_preupdate_available(void){ return sqlite3_preupdate_hook!=0 && sqlite3_preupdate_depth!=0; }

/* Whether SQLite was built without SQLITE_DEFAULT_MEMSTATUS=0: then it knows of the block. */
int marmot_counts_memory(void){
  sqlite3_int64 used = 0, highest = 0;
  void *block = sqlite3_malloc64(1000);
  sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &used, &highest, 0);
  sqlite3_free(block);
  return used>0;
}
