/*
** Branches: private copy-on-write views of snapshots of WAL files.
**
** The wal-index (https://sqlite.org/walformat.html) is copied region by region from the live one, and
** what the branch writes to the WAL goes to an overlay over the frames of the real one.
*/
#ifndef MARMOT_BRANCH_H
#define MARMOT_BRANCH_H

#include "marmot.h"

typedef struct MarmotBranch MarmotBranch;
typedef struct MarmotFile MarmotFile;
typedef struct MarmotVfs MarmotVfs;

/* ---------- overlay (overlay.c) ---------- */

/* Bytes of the WAL's header and of a frame's. */
#define WAL_HEADER 32
#define WAL_FRAME_HEADER 24

/* The frames that a branch wrote to the WAL of one file. Blocks hold a frame each: header and page.
** A block is in memory, or, once the branch's limit is reached, a slot of the spill file. */
typedef struct MarmotOverlay {
  MarmotBranch *branch;
  uint32_t *keys;          /* frame numbers by hash, 0: free */
  uintptr_t *blocks;       /* pointer, or slot*2+1 */
  uint32_t cap, count;
  int block;               /* bytes of a block */
  uint8_t **spare;         /* blocks for the next frames */
  int spares;
  sqlite3_file *spill;
  char *spill_name;
  uint32_t slots;          /* used in the spill file */
  uint8_t header[WAL_HEADER];
  int has_header;
  int written;             /* anything was written since the last clear */
  uint32_t lowest;         /* lowest frame written since the wal-index was copied, or UINT32_MAX */
  int64_t end;             /* size that the WAL has for the branch */
} MarmotOverlay;

void marmot_overlay_clear(MarmotOverlay *o, int block);
void marmot_overlay_free(MarmotOverlay *o);
int marmot_overlay_read(MarmotOverlay *o, sqlite3_file *real, void *out, int n, int64_t offset);
int marmot_overlay_write(MarmotOverlay *o, const void *data, int n, int64_t offset);

/* ---------- files and branches (branch.c, walindex.c) ---------- */

/* Bytes of one copy of the wal-index's header. */
#define WALINDEX_HEADER 48

struct MarmotFile {
  MarmotBranch *branch;
  MarmotFile *next;
  char *alias;
  sqlite3_stmt *hold;      /* on the reader: while it is at its row, the snapshot is pinned */
  sqlite3_file *live;      /* the reader's file, way to the live wal-index */
  uint8_t **regions;       /* private wal-index */
  int region_count;
  int synced;              /* the regions hold a snapshot */
  int locked;              /* the branch took the write lock since then */
  uint8_t header[WALINDEX_HEADER]; /* as it was copied: a commit of the branch changes the region's */
  uint8_t before[WALINDEX_HEADER]; /* as it was before the reader's snapshot was pinned */
  uint32_t frames;         /* mxFrame of the snapshot */
  uint32_t salt[2];
  int page_size;           /* 0: the WAL is empty and does not say */
  MarmotOverlay overlay;
};

struct MarmotBranch {
  MarmotConn *reader, *writer;
  MarmotFile *files;
  MarmotVfs *vfs;
  char *spill_dir;         /* NULL: no spilling */
  int64_t memory_limit;    /* bytes of overlay blocks in memory */
  int64_t memory;
  int stale;               /* the writer has parsed definitions that are gone */
  int full;                /* the limit was hit without a place to spill to */
  int64_t retries;         /* header copies that were torn and done again */
};

MarmotBranch *marmot_branch_new(int64_t memory_limit, const char *spill_dir);
void marmot_branch_free(MarmotBranch *b); /* after both connections are closed */
const char *marmot_branch_vfs(MarmotBranch *b);
/* Takes up the file that the reader has under alias: pins it, copies its wal-index. */
int marmot_file_add(MarmotBranch *b, const char *alias, MarmotFile **out);
void marmot_file_remove(MarmotBranch *b, MarmotFile *f);
/* What the writer opens while f is set comes through the VFS and belongs to f. */
void marmot_file_opening(MarmotFile *f);
int marmot_branch_attach(MarmotBranch *b, MarmotFile *f, const char *sql);
int marmot_branch_open_main(MarmotBranch *b, MarmotFile *f, const char *path, int flags, uintptr_t handle);
int marmot_branch_snapshot(MarmotBranch *b);
void marmot_branch_release(MarmotBranch *b);
int64_t marmot_branch_memory(MarmotBranch *b);

#define REGION_BYTES 32768
int marmot_walindex_header(MarmotFile *f, uint8_t *header); /* the live one, of WALINDEX_HEADER bytes */
int marmot_walindex_sync(MarmotFile *f);
uint8_t *marmot_walindex_region(MarmotFile *f, int number); /* zeroed when new; NULL: no memory */

/* The only version of the wal-index that there is. */
#define WALINDEX_VERSION 3007000

/* Results that are not SQLite's. */
#define MARMOT_NOT_WAL (-1)
#define MARMOT_UNKNOWN_WALINDEX (-2)

/* ---------- VFS (vfs.c) ---------- */

MarmotVfs *marmot_vfs_acquire(const char *spill_dir);
void marmot_vfs_release(MarmotVfs *v);
const char *marmot_vfs_name(MarmotVfs *v);
sqlite3_vfs *marmot_real_vfs(void);
int marmot_temp_name(const char *dir, char *out, int size);

#endif
