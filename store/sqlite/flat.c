/* Counted memory, growing buffers, and values in flat form. */
#include "marmot.h"
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static int64_t memory_in_use; /* atomic */

static void count(int64_t bytes){ __atomic_add_fetch(&memory_in_use, bytes, __ATOMIC_RELAXED); }

int64_t marmot_memory(void){ return __atomic_load_n(&memory_in_use, __ATOMIC_RELAXED); }

/* The allocator of the address sanitizer counts nothing. */
int64_t marmot_heap(void){
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
  struct mallinfo2 info = mallinfo2();
  return (int64_t)(info.uordblks + info.hblkhd);
#else
  return -1;
#endif
}

void *marmot_alloc(int64_t bytes){
  void *block = sqlite3_malloc64(bytes);
  if( block ){
    memset(block, 0, bytes);
    count((int64_t)sqlite3_msize(block));
  }
  return block;
}

void *marmot_realloc(void *block, int64_t bytes){
  int64_t before = block ? (int64_t)sqlite3_msize(block) : 0;
  void *grown = sqlite3_realloc64(block, bytes);
  if( grown ) count((int64_t)sqlite3_msize(grown) - before);
  return grown;
}

void marmot_free(void *block){
  if( !block ) return;
  count(-(int64_t)sqlite3_msize(block));
  sqlite3_free(block);
}

uint8_t *marmot_reserve(MarmotBuffer *b, int64_t more){
  if( b->n + more > b->cap ){
    int64_t cap = b->cap ? b->cap*2 : 1024;
    while( cap < b->n + more ) cap *= 2;
    uint8_t *data = marmot_realloc(b->data, cap);
    if( !data ) return 0;
    b->data = data;
    b->cap = cap;
  }
  return b->data + b->n;
}

void marmot_buffer_free(MarmotBuffer *b){
  marmot_free(b->data);
  memset(b, 0, sizeof *b);
}

static int append_number(MarmotBuffer *b, int type, const void *eight){
  uint8_t *p = marmot_reserve(b, 9);
  if( !p ) return SQLITE_NOMEM;
  p[0] = (uint8_t)type;
  memcpy(p+1, eight, 8);
  b->n += 9;
  return SQLITE_OK;
}

static int append_bytes(MarmotBuffer *b, int type, const void *data, int32_t size){
  uint8_t *p = marmot_reserve(b, 5 + (int64_t)size);
  if( !p ) return SQLITE_NOMEM;
  p[0] = (uint8_t)type;
  memcpy(p+1, &size, 4);
  if( size ) memcpy(p+5, data, size);
  b->n += 5 + (int64_t)size;
  return SQLITE_OK;
}

static int append_null(MarmotBuffer *b){
  uint8_t *p = marmot_reserve(b, 1);
  if( !p ) return SQLITE_NOMEM;
  p[0] = SQLITE_NULL;
  b->n++;
  return SQLITE_OK;
}

/* The bytes of a text are read as those of a blob: text is UTF-8 in every file of ours, and asking
** for text would copy it only to end it with a zero. */
int marmot_append_value(MarmotBuffer *b, sqlite3_value *v){
  int type = sqlite3_value_type(v);
  switch( type ){
    case SQLITE_INTEGER: { sqlite3_int64 i = sqlite3_value_int64(v); return append_number(b, type, &i); }
    case SQLITE_FLOAT: { double d = sqlite3_value_double(v); return append_number(b, type, &d); }
    case SQLITE_NULL: return append_null(b);
  }
  const void *data = sqlite3_value_blob(v);
  int size = sqlite3_value_bytes(v);
  if( size && !data ) return SQLITE_NOMEM;
  return append_bytes(b, type, data, size);
}

int marmot_append_column(MarmotBuffer *b, sqlite3_stmt *s, int column){
  int type = sqlite3_column_type(s, column);
  switch( type ){
    case SQLITE_INTEGER: { sqlite3_int64 i = sqlite3_column_int64(s, column); return append_number(b, type, &i); }
    case SQLITE_FLOAT: { double d = sqlite3_column_double(s, column); return append_number(b, type, &d); }
    case SQLITE_NULL: return append_null(b);
  }
  const void *data = type==SQLITE_TEXT ? (const void*)sqlite3_column_text(s, column) : sqlite3_column_blob(s, column);
  int size = sqlite3_column_bytes(s, column);
  if( size && !data ) return SQLITE_NOMEM;
  return append_bytes(b, type, data, size);
}
