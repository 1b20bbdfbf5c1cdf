/* The private copy of a file's wal-index.
**
** Layout (sqlite.org/walformat.html): region 0 starts with two copies of a 48-byte header and 40
** bytes of checkpoint information; then, in every region of 32 KiB, page numbers and a hash table. Region 0
** covers 4062 frames, each other 4096. */
#include "branch.h"
#include <sched.h>
#include <string.h>

#define HEADER_BYTES WALINDEX_HEADER
#define CHECKPOINT_BYTES 40
#define INFO_BYTES (2*HEADER_BYTES + CHECKPOINT_BYTES)
#define FIRST_REGION_FRAMES 4062
#define REGION_FRAMES 4096
/* The header is torn only while a commit writes it: a few tries do, unless the writer's thread was
** put aside just then. */
#define MAX_TRIES 1000000
#define TRIES_BEFORE_YIELD 16

/* Fields of the header. */
#define AT_VERSION 0
#define AT_INITIALISED 12
#define AT_PAGE_SIZE 14
#define AT_FRAMES 16
#define AT_SALT 32

static int region_of(uint32_t frame){
  return frame ? (int)((frame + REGION_FRAMES - FIRST_REGION_FRAMES - 1)/REGION_FRAMES) : 0;
}

uint8_t *marmot_walindex_region(MarmotFile *f, int number){
  if( number>=f->region_count ){
    uint8_t **regions = marmot_realloc(f->regions, (int64_t)(number+1)*sizeof *regions);
    if( !regions ) return 0;
    f->regions = regions;
    while( f->region_count<=number ){
      uint8_t *region = marmot_alloc(REGION_BYTES);
      if( !region ) return 0;
      f->regions[f->region_count++] = region;
    }
  }
  return f->regions[number];
}

static int live_region(MarmotFile *f, int number, volatile uint8_t **out){
  void volatile *p = 0;
  int rc = f->live->pMethods->xShmMap(f->live, number, REGION_BYTES, 0, &p);
  if( rc==SQLITE_OK && !p ) rc = SQLITE_IOERR_SHMMAP;
  *out = p;
  return rc;
}

/* Reads the header when its two copies agree. */
static int read_header(MarmotFile *f, volatile uint8_t *live, uint8_t *header){
  uint8_t second[HEADER_BYTES];
  for(int i=0; i<MAX_TRIES; i++){
    memcpy(header, (const void*)live, HEADER_BYTES);
    f->live->pMethods->xShmBarrier(f->live);
    memcpy(second, (const void*)(live+HEADER_BYTES), HEADER_BYTES);
    if( memcmp(header, second, HEADER_BYTES)==0 && header[AT_INITIALISED] ) return SQLITE_OK;
    f->branch->retries++;
    if( i>=TRIES_BEFORE_YIELD ) sched_yield();
  }
  return SQLITE_PROTOCOL;
}

int marmot_walindex_header(MarmotFile *f, uint8_t *header){
  volatile uint8_t *live;
  int rc = live_region(f, 0, &live);
  return rc ? rc : read_header(f, live, header);
}

/* The first region that may differ from the live one: those below hold frames that the last copy
** had and that neither side has written since, unless the WAL was restarted. */
static int first_changed(MarmotFile *f, const uint8_t *header, uint32_t frames){
  if( !f->synced || memcmp(header+AT_SALT, f->salt, sizeof f->salt)!=0 || frames<f->frames ) return 0;
  uint32_t lowest = f->frames<f->overlay.lowest ? f->frames : f->overlay.lowest;
  return region_of(lowest);
}

static int copy_regions(MarmotFile *f, volatile uint8_t *live0, int first, int last){
  for(int i=first; i<=last; i++){
    volatile uint8_t *live = live0;
    uint8_t *mine = marmot_walindex_region(f, i);
    int skip = i==0 ? INFO_BYTES : 0;
    int rc = mine ? SQLITE_OK : SQLITE_NOMEM;
    if( rc==SQLITE_OK && i>0 ) rc = live_region(f, i, &live);
    if( rc ) return rc;
    memcpy(mine+skip, (const void*)(live+skip), REGION_BYTES-skip);
  }
  return SQLITE_OK;
}

static void take_header(MarmotFile *f, const uint8_t *header, uint32_t frames){
  memcpy(f->regions[0], header, HEADER_BYTES);
  memcpy(f->regions[0]+HEADER_BYTES, header, HEADER_BYTES);
  memcpy(f->header, header, HEADER_BYTES);
  memcpy(f->salt, header+AT_SALT, sizeof f->salt);
  f->frames = frames;
  f->synced = 1;
  f->locked = 0;
  f->overlay.lowest = UINT32_MAX;
  uint16_t size;
  memcpy(&size, header+AT_PAGE_SIZE, sizeof size);
  if( size ) f->page_size = (size&0xfe00) + ((size&1)<<16);
}

/* Copies the wal-index of now: the snapshot that the reader pins, or a later one, which take() in branch.c tells apart. No
** frame after the reader's mark can be overwritten or checkpointed past while the mark is held. A commit may change
** header and tables meanwhile, so the header is compared again at the end. */
int marmot_walindex_sync(MarmotFile *f){
  volatile uint8_t *live;
  uint8_t header[HEADER_BYTES], again[HEADER_BYTES];
  int rc = live_region(f, 0, &live);
  if( rc==SQLITE_OK && !marmot_walindex_region(f, 0) ) rc = SQLITE_NOMEM;
  if( rc ) return rc;
  for(int i=0; i<MAX_TRIES; i++){
    uint32_t version, frames;
    if( (rc = read_header(f, live, header)) ) return rc;
    memcpy(&version, header+AT_VERSION, 4);
    memcpy(&frames, header+AT_FRAMES, 4);
    if( version!=WALINDEX_VERSION ) return MARMOT_UNKNOWN_WALINDEX;
    int first = first_changed(f, header, frames);
    int same = f->synced && !f->locked && memcmp(header, f->regions[0], HEADER_BYTES)==0;
    if( !same && (rc = copy_regions(f, live, first, region_of(frames))) ) return rc;
    memcpy(f->regions[0]+2*HEADER_BYTES, (const void*)(live+2*HEADER_BYTES), CHECKPOINT_BYTES);
    f->live->pMethods->xShmBarrier(f->live);
    memcpy(again, (const void*)live, HEADER_BYTES);
    if( memcmp(header, again, HEADER_BYTES)==0 ){
      take_header(f, header, frames);
      return SQLITE_OK;
    }
    f->branch->retries++;
    f->synced = 0;
  }
  return SQLITE_PROTOCOL;
}
