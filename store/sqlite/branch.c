/* Branches: their files, snapshots and memory. */
#include "branch.h"
#include <string.h>

/* Page size where the WAL does not say: with an empty WAL nothing of it is read. */
#define USUAL_PAGE_SIZE 4096

static char *copy_text(const char *text){
  int64_t n = (int64_t)strlen(text) + 1;
  char *copy = marmot_alloc(n);
  if( copy ) memcpy(copy, text, n);
  return copy;
}

MarmotBranch *marmot_branch_new(int64_t memory_limit, const char *spill_dir){
  MarmotBranch *b = marmot_alloc(sizeof *b);
  if( !b ) return 0;
  b->memory_limit = memory_limit;
  b->vfs = marmot_vfs_acquire(spill_dir);
  if( spill_dir ) b->spill_dir = copy_text(spill_dir);
  if( !b->vfs || (spill_dir && !b->spill_dir) ){
    marmot_branch_free(b);
    return 0;
  }
  return b;
}

const char *marmot_branch_vfs(MarmotBranch *b){ return marmot_vfs_name(b->vfs); }

static void free_file(MarmotFile *f){
  marmot_overlay_free(&f->overlay);
  for(int i=0; i<f->region_count; i++) marmot_free(f->regions[i]);
  marmot_free(f->regions);
  marmot_free(f->alias);
  marmot_free(f);
}

void marmot_branch_free(MarmotBranch *b){
  if( !b ) return;
  while( b->files ){
    MarmotFile *f = b->files;
    b->files = f->next;
    free_file(f);
  }
  marmot_vfs_release(b->vfs);
  marmot_free(b->spill_dir);
  marmot_free(b);
}

/* Asks a PRAGMA of one file, whose answer is a word or a number in text. */
static int ask(MarmotConn *c, const char *alias, const char *pragma, char *answer, int size){
  sqlite3_stmt *s = 0;
  char *sql = sqlite3_mprintf("PRAGMA \"%w\".%s", alias, pragma);
  int guarded = c->guarded;
  answer[0] = 0;
  if( !sql ) return SQLITE_NOMEM;
  c->guarded = 0;
  int rc = sqlite3_prepare_v3(c->db, sql, -1, 0, &s, 0);
  sqlite3_free(sql);
  if( rc==SQLITE_OK ) rc = sqlite3_step(s);
  if( rc==SQLITE_ROW ){
    const char *text = (const char*)sqlite3_column_text(s, 0);
    sqlite3_snprintf(size, answer, "%s", text ? text : "");
    rc = SQLITE_OK;
  }
  sqlite3_finalize(s);
  c->guarded = guarded;
  return rc==SQLITE_DONE ? SQLITE_ERROR : rc;
}

/* Whether the reader's file is in WAL mode; else MARMOT_NOT_WAL. */
static int check_wal(MarmotConn *reader, const char *alias){
  char mode[16];
  int rc = ask(reader, alias, "journal_mode", mode, sizeof mode);
  return rc==SQLITE_OK && strcmp(mode, "wal")!=0 ? MARMOT_NOT_WAL : rc;
}

/* Whether the branch has committed a definition of its own into this file since the last look. */
static int has_own_definitions(MarmotBranch *b, MarmotFile *f){
  char mine[24], base[24];
  if( !f->synced || memcmp(f->regions[0], f->header, WALINDEX_HEADER)==0 ) return 0;
  memcpy(f->header, f->regions[0], WALINDEX_HEADER);
  return ask(b->writer, f->alias, "schema_version", mine, sizeof mine)!=SQLITE_OK
      || ask(b->reader, f->alias, "schema_version", base, sizeof base)!=SQLITE_OK
      || strcmp(mine, base)!=0;
}

/* SQLite takes a parsed schema for current while the file's schema version is the same. The version that
** a commit in the branch made can be that of another definition in the next snapshot, whose root
** pages are others: so what the writer has parsed is dropped together with the private pages. (After a
** ROLLBACK SQLite does so itself.) */
static int forget_own_definitions(MarmotBranch *b){
  for(MarmotFile *f=b->files; f; f=f->next){
    if( has_own_definitions(b, f) ) b->stale = 1;
  }
  if( !b->stale ) return SQLITE_OK;
  int rc = marmot_exec(b->writer, "PRAGMA writable_schema=RESET");
  if( rc==SQLITE_OK ) b->stale = 0;
  return rc;
}

static int prepare_hold(MarmotConn *reader, MarmotFile *f){
  char *sql = sqlite3_mprintf("SELECT (SELECT 1 FROM \"%w\".sqlite_schema LIMIT 1)", f->alias);
  if( !sql ) return SQLITE_NOMEM;
  int rc = sqlite3_prepare_v3(reader->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &f->hold, 0);
  sqlite3_free(sql);
  if( rc==SQLITE_OK ) rc = sqlite3_file_control(reader->db, f->alias, SQLITE_FCNTL_FILE_POINTER, &f->live);
  return rc;
}

/* Begins the read transaction that pins the file. */
static int pin(MarmotFile *f){
  int rc = sqlite3_step(f->hold);
  if( rc==SQLITE_ROW ) return SQLITE_OK;
  return rc==SQLITE_DONE ? SQLITE_ERROR : rc;
}

/* Drops what the branch wrote and takes the wal-index of now. */
static int renew(MarmotFile *f){
  int rc = marmot_walindex_sync(f);
  marmot_overlay_clear(&f->overlay, (f->page_size ? f->page_size : USUAL_PAGE_SIZE) + WAL_FRAME_HEADER);
  return rc;
}

#define MAX_TAKES 10000

/* Pins one snapshot of the files for the reader and copies it for the branch. All marks are given up before the first is taken
** again, and all are taken before the first wal-index is copied: with the publication lock held, that is one point in
** time for every file. A commit between a mark and its copy would show the branch more than the reader, who tells
** position and definitions; so the header from before the mark must be the one that was copied. */
static int take(MarmotFile *files){
  for(int i=0; i<MAX_TAKES; i++){
    int rc = SQLITE_OK, same = 1;
    for(MarmotFile *f=files; f; f=f->next) sqlite3_reset(f->hold);
    for(MarmotFile *f=files; f && rc==SQLITE_OK; f=f->next) rc = marmot_walindex_header(f, f->before);
    for(MarmotFile *f=files; f && rc==SQLITE_OK; f=f->next) rc = pin(f);
    for(MarmotFile *f=files; f && rc==SQLITE_OK; f=f->next) rc = renew(f);
    if( rc ) return rc;
    for(MarmotFile *f=files; f; f=f->next) same &= memcmp(f->before, f->header, WALINDEX_HEADER)==0;
    if( same ) return SQLITE_OK;
    files->branch->retries++;
  }
  return SQLITE_PROTOCOL;
}

int marmot_file_add(MarmotBranch *b, const char *alias, MarmotFile **out){
  MarmotFile *f = marmot_alloc(sizeof *f);
  *out = 0;
  if( !f ) return SQLITE_NOMEM;
  f->branch = f->overlay.branch = b;
  f->overlay.lowest = UINT32_MAX;
  f->alias = copy_text(alias);
  int rc = f->alias ? check_wal(b->reader, alias) : SQLITE_NOMEM;
  if( rc==SQLITE_OK ) rc = prepare_hold(b->reader, f);
  if( rc==SQLITE_OK ) rc = pin(f); /* maps the wal-index */
  if( rc==SQLITE_OK ) rc = take(f);
  if( rc ){
    if( rc>0 ) rc = marmot_error(b->reader, rc);
    sqlite3_finalize(f->hold);
    free_file(f);
    return rc;
  }
  MarmotFile **at = &b->files;
  while( *at ) at = &(*at)->next;
  *at = f;
  *out = f;
  return SQLITE_OK;
}

void marmot_file_remove(MarmotBranch *b, MarmotFile *f){
  MarmotFile **at = &b->files;
  while( *at!=f ) at = &(*at)->next;
  *at = f->next;
  sqlite3_finalize(f->hold);
  free_file(f);
}

int marmot_branch_attach(MarmotBranch *b, MarmotFile *f, const char *sql){
  marmot_file_opening(f);
  int rc = marmot_exec(b->writer, sql);
  marmot_file_opening(0);
  return rc;
}

int marmot_branch_open_main(MarmotBranch *b, MarmotFile *f, const char *path, int flags, uintptr_t handle){
  marmot_file_opening(f);
  int rc = marmot_open(path, flags, marmot_vfs_name(b->vfs), handle, &b->writer);
  marmot_file_opening(0);
  return rc;
}

int marmot_branch_snapshot(MarmotBranch *b){
  int rc = forget_own_definitions(b);
  if( rc ) return rc;
  rc = b->files ? take(b->files) : SQLITE_OK;
  if( rc>0 ) rc = marmot_error(b->reader, rc);
  if( rc ) marmot_branch_release(b);
  return rc;
}

void marmot_branch_release(MarmotBranch *b){
  forget_own_definitions(b); /* if that fails, the next snapshot tries again, or fails too */
  for(MarmotFile *f=b->files; f; f=f->next){
    sqlite3_reset(f->hold);
    /* The private index still points to the frames dropped here: the next snapshot copies it
    ** before anything reads it. */
    marmot_overlay_clear(&f->overlay, f->overlay.block);
  }
}

static int64_t cache_used(MarmotConn *c){
  int now = 0, highest = 0;
  if( c ) sqlite3_db_status(c->db, SQLITE_DBSTATUS_CACHE_USED, &now, &highest, 0);
  return now;
}

int64_t marmot_branch_memory(MarmotBranch *b){
  int64_t bytes = b->memory + cache_used(b->reader) + cache_used(b->writer);
  for(MarmotFile *f=b->files; f; f=f->next){
    bytes += (int64_t)f->region_count*REGION_BYTES;
    bytes += (int64_t)f->overlay.cap*(sizeof *f->overlay.keys + sizeof *f->overlay.blocks);
  }
  return bytes + (b->writer ? b->writer->captured.cap : 0);
}
