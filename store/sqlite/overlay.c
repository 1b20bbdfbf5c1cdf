/* The frames that a branch wrote, in memory and beyond the limit in an unlinked file. */
#include "branch.h"
#include <string.h>

/* Blocks kept for the next transaction, so that small ones allocate nothing. */
#define MAX_SPARES 64
/* A hash table larger than this is given back. */
#define KEEP_CAPACITY 4096
#define MIN_CAPACITY 64

static uint32_t slot_of(uint32_t frame, uint32_t cap){ return (frame*2654435761u) & (cap-1); }

static uintptr_t find(const MarmotOverlay *o, uint32_t frame){
  if( o->count==0 ) return 0;
  for(uint32_t i=slot_of(frame, o->cap); o->keys[i]; i=(i+1)&(o->cap-1)){
    if( o->keys[i]==frame ) return o->blocks[i];
  }
  return 0;
}

static void put(MarmotOverlay *o, uint32_t frame, uintptr_t block){
  uint32_t i = slot_of(frame, o->cap);
  while( o->keys[i] ) i = (i+1)&(o->cap-1);
  o->keys[i] = frame;
  o->blocks[i] = block;
}

static int grow(MarmotOverlay *o){
  uint32_t *keys = o->keys, old = o->cap, cap = old ? old*2 : MIN_CAPACITY;
  uintptr_t *blocks = o->blocks;
  uint32_t *new_keys = marmot_alloc((int64_t)cap*sizeof *new_keys);
  uintptr_t *new_blocks = marmot_alloc((int64_t)cap*sizeof *new_blocks);
  if( !new_keys || !new_blocks ){
    marmot_free(new_keys);
    marmot_free(new_blocks);
    return SQLITE_NOMEM;
  }
  o->keys = new_keys;
  o->blocks = new_blocks;
  o->cap = cap;
  for(uint32_t i=0; i<old; i++) if( keys[i] ) put(o, keys[i], blocks[i]);
  marmot_free(keys);
  marmot_free(blocks);
  return SQLITE_OK;
}

static int open_spill(MarmotOverlay *o){
  sqlite3_vfs *real = marmot_real_vfs();
  int size = real->mxPathname + 1;
  int flags = SQLITE_OPEN_TEMP_DB|SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE|SQLITE_OPEN_EXCLUSIVE|SQLITE_OPEN_DELETEONCLOSE;
  sqlite3_file *file = marmot_alloc(real->szOsFile);
  char *name = marmot_alloc(size);
  int rc = file && name ? marmot_temp_name(o->branch->spill_dir, name, size) : SQLITE_NOMEM;
  if( rc==SQLITE_OK ) rc = real->xOpen(real, name, file, flags, 0);
  if( rc!=SQLITE_OK ){
    marmot_free(file);
    marmot_free(name);
    return rc;
  }
  o->spill = file;
  o->spill_name = name; /* the file refers to it until it is closed */
  return SQLITE_OK;
}

static void close_spill(MarmotOverlay *o){
  if( !o->spill ) return;
  if( o->spill->pMethods ) o->spill->pMethods->xClose(o->spill);
  marmot_free(o->spill);
  marmot_free(o->spill_name);
  o->spill = 0;
  o->spill_name = 0;
  o->slots = 0;
}

/* A place for a new frame: spare block, new block, slot of the spill file; SQLITE_FULL if none is left. */
static int allocate(MarmotOverlay *o, uintptr_t *out){
  MarmotBranch *b = o->branch;
  if( o->spares>0 ){
    *out = (uintptr_t)o->spare[--o->spares];
    return SQLITE_OK;
  }
  if( b->memory + o->block<=b->memory_limit ){
    void *block = marmot_alloc(o->block);
    if( !block ) return SQLITE_NOMEM;
    b->memory += o->block;
    *out = (uintptr_t)block;
    return SQLITE_OK;
  }
  if( !b->spill_dir ){
    b->full = 1;
    return SQLITE_FULL;
  }
  if( !o->spill ){
    int rc = open_spill(o);
    if( rc ) return rc;
  }
  *out = (uintptr_t)o->slots++*2 + 1;
  return SQLITE_OK;
}

static int64_t spill_offset(const MarmotOverlay *o, uintptr_t block){ return (int64_t)(block>>1)*o->block; }

static int write_block(MarmotOverlay *o, uint32_t frame, const void *data, int n, int within){
  uintptr_t block = find(o, frame);
  if( !block ){
    int rc = (o->count+1)*2>o->cap ? grow(o) : SQLITE_OK;
    if( rc==SQLITE_OK ) rc = allocate(o, &block);
    if( rc ) return rc;
    put(o, frame, block);
    o->count++;
  }
  if( block&1 ) return o->spill->pMethods->xWrite(o->spill, data, n, spill_offset(o, block)+within);
  memcpy((uint8_t*)block+within, data, n);
  return SQLITE_OK;
}

int marmot_overlay_write(MarmotOverlay *o, const void *data, int n, int64_t offset){
  const uint8_t *p = data;
  o->written = 1;
  while( n>0 ){
    int part;
    if( offset<WAL_HEADER ){
      part = WAL_HEADER-(int)offset<n ? WAL_HEADER-(int)offset : n;
      memcpy(o->header+offset, p, part);
      o->has_header = 1;
      o->lowest = 1;
    }else{
      uint32_t frame = (uint32_t)((offset-WAL_HEADER)/o->block) + 1;
      int within = (int)((offset-WAL_HEADER)%o->block);
      part = o->block-within<n ? o->block-within : n;
      if( frame<o->lowest ) o->lowest = frame;
      int rc = write_block(o, frame, p, part, within);
      if( rc ) return rc;
    }
    p += part;
    n -= part;
    offset += part;
    if( offset>o->end ) o->end = offset;
  }
  return SQLITE_OK;
}

/* A part of a frame that was never written reads as zeros. */
static int read_spilled(MarmotOverlay *o, uintptr_t block, void *out, int n, int within){
  int rc = o->spill->pMethods->xRead(o->spill, out, n, spill_offset(o, block)+within);
  return rc==SQLITE_IOERR_SHORT_READ ? SQLITE_OK : rc;
}

int marmot_overlay_read(MarmotOverlay *o, sqlite3_file *real, void *out, int n, int64_t offset){
  uint8_t *p = out;
  if( !o->written ) return real->pMethods->xRead(real, out, n, offset);
  while( n>0 ){
    int part, rc = SQLITE_OK;
    if( offset<WAL_HEADER ){
      part = WAL_HEADER-(int)offset<n ? WAL_HEADER-(int)offset : n;
      if( o->has_header ) memcpy(p, o->header+offset, part);
      else rc = real->pMethods->xRead(real, p, part, offset);
    }else{
      uint32_t frame = (uint32_t)((offset-WAL_HEADER)/o->block) + 1;
      int within = (int)((offset-WAL_HEADER)%o->block);
      part = o->block-within<n ? o->block-within : n;
      uintptr_t block = find(o, frame);
      if( !block ) rc = real->pMethods->xRead(real, p, part, offset);
      else if( block&1 ) rc = read_spilled(o, block, p, part, within);
      else memcpy(p, (uint8_t*)block+within, part);
    }
    if( rc ) return rc;
    p += part;
    n -= part;
    offset += part;
  }
  return SQLITE_OK;
}

static void free_spares(MarmotOverlay *o){
  while( o->spares>0 ){
    marmot_free(o->spare[--o->spares]);
    o->branch->memory -= o->block;
  }
}

static void drop_block(MarmotOverlay *o, uintptr_t block){
  if( block&1 ) return;
  if( !o->spare ) o->spare = marmot_alloc(MAX_SPARES*sizeof *o->spare);
  if( o->spare && o->spares<MAX_SPARES ){
    o->spare[o->spares++] = (uint8_t*)block;
    return;
  }
  marmot_free((void*)block);
  o->branch->memory -= o->block;
}

/* Forgets everything written. Spare blocks are of the old size: a WAL that was empty did not say
** what its pages are, and VACUUM can change it. */
void marmot_overlay_clear(MarmotOverlay *o, int block){
  for(uint32_t i=0; o->count>0 && i<o->cap; i++){
    if( o->keys[i]==0 ) continue;
    drop_block(o, o->blocks[i]);
    o->keys[i] = 0;
    o->count--;
  }
  if( o->cap>KEEP_CAPACITY ){
    marmot_free(o->keys);
    marmot_free(o->blocks);
    o->keys = 0;
    o->blocks = 0;
    o->cap = 0;
  }
  close_spill(o);
  if( block!=o->block ){
    free_spares(o);
    o->block = block;
  }
  o->has_header = o->written = 0;
  o->end = 0;
}

void marmot_overlay_free(MarmotOverlay *o){
  marmot_overlay_clear(o, o->block);
  free_spares(o);
  marmot_free(o->spare);
  marmot_free(o->keys);
  marmot_free(o->blocks);
  memset(o, 0, sizeof *o);
}
