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

/* Whether the reader's file is in WAL mode; else MARMOT_NOT_WAL. */
static int check_wal(MarmotConn *reader, const char *alias){
  sqlite3_stmt *s = 0;
  char *sql = sqlite3_mprintf("PRAGMA \"%w\".journal_mode", alias);
  int guarded = reader->guarded;
  if( !sql ) return SQLITE_NOMEM;
  reader->guarded = 0;
  int rc = sqlite3_prepare_v3(reader->db, sql, -1, 0, &s, 0);
  sqlite3_free(sql);
  if( rc==SQLITE_OK ) rc = sqlite3_step(s);
  if( rc==SQLITE_ROW ){
    const char *mode = (const char*)sqlite3_column_text(s, 0);
    rc = mode && strcmp(mode, "wal")==0 ? SQLITE_OK : MARMOT_NOT_WAL;
  }
  sqlite3_finalize(s);
  reader->guarded = guarded;
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

int marmot_file_add(MarmotBranch *b, const char *alias, MarmotFile **out){
  MarmotFile *f = marmot_alloc(sizeof *f);
  *out = 0;
  if( !f ) return SQLITE_NOMEM;
  f->branch = f->overlay.branch = b;
  f->overlay.lowest = UINT32_MAX;
  f->alias = copy_text(alias);
  int rc = f->alias ? check_wal(b->reader, alias) : SQLITE_NOMEM;
  if( rc==SQLITE_OK ) rc = prepare_hold(b->reader, f);
  if( rc==SQLITE_OK ) rc = pin(f);
  if( rc==SQLITE_OK ) rc = renew(f);
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

/* All marks are given up before the first is taken again, and all are taken before the first
** wal-index is copied: with the publication lock held, that is one point in time for every file. */
int marmot_branch_snapshot(MarmotBranch *b){
  int rc = SQLITE_OK;
  for(MarmotFile *f=b->files; f; f=f->next) sqlite3_reset(f->hold);
  for(MarmotFile *f=b->files; f && rc==SQLITE_OK; f=f->next) rc = pin(f);
  if( rc ) rc = marmot_error(b->reader, rc);
  for(MarmotFile *f=b->files; f && rc==SQLITE_OK; f=f->next){
    rc = renew(f);
    if( rc>0 ) rc = marmot_error(b->reader, rc);
  }
  if( rc ) marmot_branch_release(b);
  return rc;
}

void marmot_branch_release(MarmotBranch *b){
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
