/* The VFS of a branch's writing connection.
**
** Database file and WAL are opened read only; the wal-index is private; what is written to the WAL
** goes to the overlay; locks on the wal-index are granted, since nobody else has it, except those for
** checkpoints and recovery, which a branch must not attempt. The shared lock on the file itself is real. */
#include "branch.h"
#include <pthread.h>
#include <string.h>

/* Slots of the wal-index's locks: 0 write, 1 checkpoint, 2 recover, 3.. read marks. */
#define LOCK_WRITE 0
#define LOCK_CHECKPOINT 1
#define LOCK_RECOVER 2

#define TEMP_NAME_ROOM 48

typedef struct BranchFile {
  sqlite3_file base;
  MarmotFile *file;        /* the file of the real VFS follows this struct */
} BranchFile;

struct MarmotVfs {
  sqlite3_vfs base;
  char name[32];
  char *spill_dir;
  int references;
  MarmotVfs *next;
};

/* The file that this thread is opening: SQLite opens it within the call that set this. */
static _Thread_local MarmotFile *opening;

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static MarmotVfs *registry;
static int64_t registry_names;
static sqlite3_vfs *real_vfs;

static sqlite3_file *real_file(sqlite3_file *f){ return (sqlite3_file*)((char*)f + sizeof(BranchFile)); }
static MarmotFile *file_of(sqlite3_file *f){ return ((BranchFile*)f)->file; }
static const sqlite3_io_methods *real_methods(sqlite3_file *f){ return real_file(f)->pMethods; }

void marmot_file_opening(MarmotFile *f){ opening = f; }
sqlite3_vfs *marmot_real_vfs(void){ return real_vfs; }

/* ---------- database file ---------- */

static int on_close(sqlite3_file *f){
  return real_methods(f) ? real_methods(f)->xClose(real_file(f)) : SQLITE_OK;
}
static int on_read(sqlite3_file *f, void *p, int n, sqlite3_int64 offset){ return real_methods(f)->xRead(real_file(f), p, n, offset); }
static int on_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 offset){
  (void)f; (void)p; (void)n; (void)offset;
  return SQLITE_IOERR_WRITE;
}
static int on_truncate(sqlite3_file *f, sqlite3_int64 size){ (void)f; (void)size; return SQLITE_IOERR_TRUNCATE; }
static int on_sync(sqlite3_file *f, int flags){ (void)f; (void)flags; return SQLITE_OK; }
static int on_size(sqlite3_file *f, sqlite3_int64 *size){ return real_methods(f)->xFileSize(real_file(f), size); }

/* Never above SHARED: so closing does not checkpoint. */
static int on_lock(sqlite3_file *f, int level){
  return level>SQLITE_LOCK_SHARED ? SQLITE_BUSY : real_methods(f)->xLock(real_file(f), level);
}
static int on_unlock(sqlite3_file *f, int level){ return real_methods(f)->xUnlock(real_file(f), level); }
static int on_reserved(sqlite3_file *f, int *out){ (void)f; *out = 0; return SQLITE_OK; }

static int on_control(sqlite3_file *f, int op, void *argument){
  switch( op ){
    case SQLITE_FCNTL_PERSIST_WAL:
      *(int*)argument = 1;
      return SQLITE_OK;
    case SQLITE_FCNTL_SIZE_HINT: case SQLITE_FCNTL_CHUNK_SIZE: case SQLITE_FCNTL_SYNC:
    case SQLITE_FCNTL_COMMIT_PHASETWO: case SQLITE_FCNTL_OVERWRITE:
      return SQLITE_OK;
  }
  return real_methods(f)->xFileControl(real_file(f), op, argument);
}

static int on_sector(sqlite3_file *f){ return real_methods(f)->xSectorSize(real_file(f)); }
static int on_characteristics(sqlite3_file *f){ return real_methods(f)->xDeviceCharacteristics(real_file(f)); }

static int on_region(sqlite3_file *f, int number, int size, int extend, void volatile **out){
  MarmotFile *file = file_of(f);
  (void)extend;
  *out = 0;
  if( size!=REGION_BYTES || !file->synced ) return SQLITE_IOERR_SHMMAP;
  *out = marmot_walindex_region(file, number);
  return *out ? SQLITE_OK : SQLITE_NOMEM;
}

static int on_region_lock(sqlite3_file *f, int slot, int n, int flags){
  MarmotFile *file = file_of(f);
  if( (flags&SQLITE_SHM_LOCK)==0 || (flags&SQLITE_SHM_EXCLUSIVE)==0 ) return SQLITE_OK;
  if( slot==LOCK_CHECKPOINT || slot==LOCK_RECOVER ) return SQLITE_BUSY;
  file->locked = 1;
  /* All read marks at once: SQLite restarts the WAL, and the private index begins anew. */
  if( slot!=LOCK_WRITE && n>1 ) file->overlay.lowest = 1;
  return SQLITE_OK;
}

static void on_barrier(sqlite3_file *f){ (void)f; __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static int on_unmap(sqlite3_file *f, int delete){ (void)f; (void)delete; return SQLITE_OK; }

static int on_fetch(sqlite3_file *f, sqlite3_int64 offset, int n, void **out){
  *out = 0;
  return real_methods(f)->iVersion<3 ? SQLITE_OK : real_methods(f)->xFetch(real_file(f), offset, n, out);
}
static int on_unfetch(sqlite3_file *f, sqlite3_int64 offset, void *p){
  return real_methods(f)->iVersion<3 ? SQLITE_OK : real_methods(f)->xUnfetch(real_file(f), offset, p);
}

static const sqlite3_io_methods database_methods = {
  3, on_close, on_read, on_write, on_truncate, on_sync, on_size, on_lock, on_unlock, on_reserved, on_control,
  on_sector, on_characteristics, on_region, on_region_lock, on_barrier, on_unmap, on_fetch, on_unfetch};

/* ---------- WAL ---------- */

static int wal_read(sqlite3_file *f, void *p, int n, sqlite3_int64 offset){
  return marmot_overlay_read(&file_of(f)->overlay, real_file(f), p, n, offset);
}
static int wal_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 offset){
  return marmot_overlay_write(&file_of(f)->overlay, p, n, offset);
}
static int wal_truncate(sqlite3_file *f, sqlite3_int64 size){ (void)f; (void)size; return SQLITE_OK; }
static int wal_size(sqlite3_file *f, sqlite3_int64 *size){
  int rc = real_methods(f)->xFileSize(real_file(f), size);
  if( file_of(f)->overlay.end>*size ) *size = file_of(f)->overlay.end;
  return rc;
}
static int wal_lock(sqlite3_file *f, int level){ (void)f; (void)level; return SQLITE_OK; }
static int wal_control(sqlite3_file *f, int op, void *argument){ (void)f; (void)op; (void)argument; return SQLITE_NOTFOUND; }

static const sqlite3_io_methods wal_methods = {
  1, on_close, wal_read, wal_write, wal_truncate, on_sync, wal_size, wal_lock, wal_lock, on_reserved, wal_control,
  on_sector, on_characteristics, 0, 0, 0, 0, 0, 0};

/* ---------- VFS ---------- */

int marmot_temp_name(const char *dir, char *out, int size){
  uint64_t random;
  sqlite3_randomness(sizeof random, &random);
  if( (int)strlen(dir) + TEMP_NAME_ROOM>size ) return SQLITE_CANTOPEN;
  sqlite3_snprintf(size, out, "%s/marmot-branch-%016llx.tmp", dir, (unsigned long long)random);
  return SQLITE_OK;
}

/* Temporary files are the real VFS's, in the branch's directory. The name lives behind the file,
** which refers to it. */
static int open_temp(MarmotVfs *v, const char *name, sqlite3_file *f, int flags, int *out){
  if( !name && v->spill_dir ){
    char *own = (char*)f + real_vfs->szOsFile;
    int rc = marmot_temp_name(v->spill_dir, own, real_vfs->mxPathname);
    if( rc ) return rc;
    name = own;
    flags |= SQLITE_OPEN_DELETEONCLOSE;
  }
  return real_vfs->xOpen(real_vfs, name, f, flags, out);
}

static int on_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags, int *out){
  BranchFile *mine = (BranchFile*)f;
  if( flags&(SQLITE_OPEN_MAIN_JOURNAL|SQLITE_OPEN_SUPER_JOURNAL) ) return SQLITE_CANTOPEN;
  if( (flags&(SQLITE_OPEN_MAIN_DB|SQLITE_OPEN_WAL))==0 ) return open_temp((MarmotVfs*)v, name, f, flags, out);
  memset(f, 0, v->szOsFile);
  if( flags&SQLITE_OPEN_WAL ) mine->file = file_of(sqlite3_database_file_object(name));
  else mine->file = opening;
  if( !mine->file ) return SQLITE_CANTOPEN;
  flags = (flags&~(SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE))|SQLITE_OPEN_READONLY;
  int rc = real_vfs->xOpen(real_vfs, name, real_file(f), flags, 0);
  if( rc ) return rc;
  f->pMethods = flags&SQLITE_OPEN_WAL ? &wal_methods : &database_methods;
  if( out ) *out = SQLITE_OPEN_READWRITE;
  return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *v, const char *name, int sync){ (void)v; (void)name; (void)sync; return SQLITE_OK; }

static int ends_with(const char *name, const char *end){
  size_t n = strlen(name), m = strlen(end);
  return n>m && strcmp(name+n-m, end)==0;
}

/* There is always a WAL and never a rollback journal. */
static int on_access(sqlite3_vfs *v, const char *name, int flags, int *out){
  (void)v;
  if( ends_with(name, "-journal") ){ *out = 0; return SQLITE_OK; }
  if( ends_with(name, "-wal") ){ *out = 1; return SQLITE_OK; }
  return real_vfs->xAccess(real_vfs, name, flags, out);
}

static int on_path(sqlite3_vfs *v, const char *name, int n, char *out){ (void)v; return real_vfs->xFullPathname(real_vfs, name, n, out); }
static int on_random(sqlite3_vfs *v, int n, char *out){ (void)v; return real_vfs->xRandomness(real_vfs, n, out); }
static int on_sleep(sqlite3_vfs *v, int us){ (void)v; return real_vfs->xSleep(real_vfs, us); }
static int on_time(sqlite3_vfs *v, double *out){ (void)v; return real_vfs->xCurrentTime(real_vfs, out); }
static int on_time64(sqlite3_vfs *v, sqlite3_int64 *out){ (void)v; return real_vfs->xCurrentTimeInt64(real_vfs, out); }
static int on_last_error(sqlite3_vfs *v, int n, char *out){ (void)v; return real_vfs->xGetLastError(real_vfs, n, out); }

static void fill(MarmotVfs *v){
  sqlite3_snprintf(sizeof v->name, v->name, "marmot-branch-%lld", (long long)++registry_names);
  v->base.iVersion = 2;
  v->base.szOsFile = (int)sizeof(BranchFile) + real_vfs->szOsFile + real_vfs->mxPathname;
  v->base.mxPathname = real_vfs->mxPathname;
  v->base.zName = v->name;
  v->base.xOpen = on_open;
  v->base.xDelete = on_delete;
  v->base.xAccess = on_access;
  v->base.xFullPathname = on_path;
  v->base.xRandomness = on_random;
  v->base.xSleep = on_sleep;
  v->base.xCurrentTime = on_time;
  v->base.xCurrentTimeInt64 = on_time64;
  v->base.xGetLastError = on_last_error;
}

static MarmotVfs *create(const char *spill_dir){
  if( !real_vfs ) real_vfs = sqlite3_vfs_find(0);
  MarmotVfs *v = marmot_alloc(sizeof *v);
  if( !v || !real_vfs ){ marmot_free(v); return 0; }
  if( spill_dir ){
    size_t n = strlen(spill_dir) + 1;
    v->spill_dir = marmot_alloc((int64_t)n);
    if( !v->spill_dir ){ marmot_free(v); return 0; }
    memcpy(v->spill_dir, spill_dir, n);
  }
  fill(v);
  if( sqlite3_vfs_register(&v->base, 0) ){
    marmot_free(v->spill_dir);
    marmot_free(v);
    return 0;
  }
  v->next = registry;
  registry = v;
  return v;
}

static int same_dir(const char *a, const char *b){ return a && b ? strcmp(a, b)==0 : a==b; }

/* Branches that spill to the same directory share a VFS. */
MarmotVfs *marmot_vfs_acquire(const char *spill_dir){
  pthread_mutex_lock(&registry_lock);
  MarmotVfs *v = registry;
  while( v && !same_dir(v->spill_dir, spill_dir) ) v = v->next;
  if( !v ) v = create(spill_dir);
  if( v ) v->references++;
  pthread_mutex_unlock(&registry_lock);
  return v;
}

void marmot_vfs_release(MarmotVfs *v){
  if( !v ) return;
  pthread_mutex_lock(&registry_lock);
  if( --v->references==0 ){
    MarmotVfs **at = &registry;
    while( *at!=v ) at = &(*at)->next;
    *at = v->next;
    sqlite3_vfs_unregister(&v->base);
    marmot_free(v->spill_dir);
    marmot_free(v);
  }
  pthread_mutex_unlock(&registry_lock);
}

const char *marmot_vfs_name(MarmotVfs *v){ return v->name; }
