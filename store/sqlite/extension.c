/* Functions, aggregates and collations written in Go. */
#include "marmot.h"
#include "_cgo_export.h"
#include <string.h>

/* Arguments up to this number need no memory of their own. */
#define FEW_ARGUMENTS 16

static void read_argument(sqlite3_value *v, MarmotArgument *out){
  out->kind = sqlite3_value_type(v);
  out->data = 0;
  out->size = 0;
  out->number = 0;
  switch( out->kind ){
    case SQLITE_INTEGER: out->number = sqlite3_value_int64(v); break;
    case SQLITE_FLOAT: { double d = sqlite3_value_double(v); memcpy(&out->number, &d, 8); break; }
    case SQLITE_NULL: break;
    default:
      out->data = sqlite3_value_blob(v);
      out->size = sqlite3_value_bytes(v);
      if( !out->data ) out->size = 0;
  }
}

static void give_result(sqlite3_context *x, MarmotResult *r){
  switch( r->kind ){
    case SQLITE_INTEGER: sqlite3_result_int64(x, r->number); break;
    case SQLITE_FLOAT: { double d; memcpy(&d, &r->number, 8); sqlite3_result_double(x, d); break; }
    case SQLITE_TEXT: sqlite3_result_text64(x, (const char*)r->bytes.data, r->bytes.n, SQLITE_TRANSIENT, SQLITE_UTF8); break;
    case SQLITE_BLOB: sqlite3_result_blob64(x, r->bytes.data, r->bytes.n, SQLITE_TRANSIENT); break;
    case -1: sqlite3_result_error(x, (const char*)r->bytes.data, (int)r->bytes.n); break;
    default: sqlite3_result_null(x);
  }
}

/* Reads the arguments and hands them to Go: slot 0 calls a function, else the phase of an aggregate. */
static void call(sqlite3_context *x, int n, sqlite3_value **values, int phase, int64_t *slot){
  MarmotExtension *e = sqlite3_user_data(x);
  MarmotArgument few[FEW_ARGUMENTS], *arguments = few;
  MarmotResult *r = &e->conn->result;
  if( n>FEW_ARGUMENTS ){
    arguments = marmot_alloc((int64_t)n*sizeof *arguments);
    if( !arguments ){ sqlite3_result_error_nomem(x); return; }
  }
  for(int i=0; i<n; i++) read_argument(values[i], &arguments[i]);
  if( !r->bytes.data && !marmot_reserve(&r->bytes, 1) ){
    sqlite3_result_error_nomem(x);
  }else{
    if( slot ) marmot_go_aggregate(e->conn->handle, e->index, phase, slot, n, arguments, r);
    else marmot_go_function(e->conn->handle, e->index, n, arguments, r);
    give_result(x, r);
  }
  if( arguments!=few ) marmot_free(arguments);
}

static void on_function(sqlite3_context *x, int n, sqlite3_value **v){ call(x, n, v, 0, 0); }

/* Phases of an aggregate, as extension.go numbers them. */
enum { PHASE_STEP = 1, PHASE_INVERSE = 2, PHASE_VALUE = 3, PHASE_FINAL = 4 };

static void on_row(sqlite3_context *x, int n, sqlite3_value **v, int phase){
  int64_t *slot = sqlite3_aggregate_context(x, sizeof *slot);
  if( slot ) call(x, n, v, phase, slot);
  else sqlite3_result_error_nomem(x);
}
static void on_step(sqlite3_context *x, int n, sqlite3_value **v){ on_row(x, n, v, PHASE_STEP); }
static void on_inverse(sqlite3_context *x, int n, sqlite3_value **v){ on_row(x, n, v, PHASE_INVERSE); }

/* Without rows there is no context, and the accumulator is made for its result alone. */
static void on_result(sqlite3_context *x, int phase){
  int64_t none = 0, *slot = sqlite3_aggregate_context(x, 0);
  call(x, 0, 0, phase, slot ? slot : &none);
}
static void on_value(sqlite3_context *x){ on_result(x, PHASE_VALUE); }
static void on_final(sqlite3_context *x){ on_result(x, PHASE_FINAL); }

/* Creates n functions and aggregates. names holds their names, each with its NUL; after an error failed is the one that it is of. */
int marmot_create_extensions(MarmotConn *c, MarmotExtension *x, int n, const char *names, const int32_t *arities, const uint8_t *kinds, int *failed){
  for(int i=0; i<n; i++){
    int rc;
    x[i].conn = c;
    if( kinds[i]==MARMOT_AGGREGATE ){
      rc = sqlite3_create_window_function(c->db, names, arities[i], SQLITE_UTF8, &x[i], on_step, on_final, on_value, on_inverse, 0);
    }else{
      int flags = SQLITE_UTF8 | (kinds[i]==MARMOT_DETERMINISTIC ? SQLITE_DETERMINISTIC : 0);
      rc = sqlite3_create_function_v2(c->db, names, arities[i], flags, &x[i], on_function, 0, 0, 0);
    }
    if( rc ){
      *failed = i;
      return marmot_error(c, rc);
    }
    names += strlen(names)+1;
  }
  return SQLITE_OK;
}

static int is_ascii(const uint8_t *p, int n){
  uint64_t all = 0, eight;
  for(; n>=8; n-=8, p+=8){ memcpy(&eight, p, 8); all |= eight; }
  for(; n>0; n--, p++) all |= *p;
  return (all & 0x8080808080808080ull)==0;
}

/* The next weight that counts, or -1 at the end. */
static int next_weight(const uint16_t *weights, const uint8_t **p, const uint8_t *end){
  while( *p<end ){
    int w = weights[*(*p)++];
    if( w ) return w;
  }
  return -1;
}

static int compare_ascii(const MarmotCollation *e, const uint8_t *a, int na, const uint8_t *b, int nb){
  const uint8_t *enda = a+na, *endb = b+nb;
  int space = e->pad_space ? e->weights[' '] : -1;
  for(;;){
    int wa = next_weight(e->weights, &a, enda), wb = next_weight(e->weights, &b, endb);
    if( wa<0 && wb<0 ) return 0;
    if( wa<0 ) wa = space;
    if( wb<0 ) wb = space;
    if( wa!=wb ) return wa<wb ? -1 : 1;
  }
}

/* Texts of nothing but ASCII are compared here; Go is asked about others. */
int marmot_compare(const MarmotCollation *e, int na, const void *a, int nb, const void *b){
  if( na==nb && memcmp(a, b, na)==0 ) return 0;
  if( e->has_weights && is_ascii(a, na) && is_ascii(b, nb) ) return compare_ascii(e, a, na, b, nb);
  return marmot_go_compare(e->conn->handle, e->index, na, (void*)a, nb, (void*)b);
}

static int on_compare(void *e, int na, const void *a, int nb, const void *b){ return marmot_compare(e, na, a, nb, b); }

static void on_collation_needed(void *p, sqlite3 *db, int encoding, const char *name){
  MarmotConn *c = p;
  (void)db, (void)encoding;
  marmot_go_collation_needed(c->handle, (char*)name);
}

int marmot_collations_when_needed(MarmotConn *c){
  int rc = sqlite3_collation_needed(c->db, c, on_collation_needed);
  return rc ? marmot_error(c, rc) : SQLITE_OK;
}

int marmot_create_collation(MarmotConn *c, MarmotCollation *e, const char *name){
  int rc = sqlite3_create_collation_v2(c->db, name, SQLITE_UTF8, e, on_compare, 0);
  return rc ? marmot_error(c, rc) : SQLITE_OK;
}

/* How deep foreign keys may cascade, as in MySQL, and what is said beyond. */
#define CASCADE_DEPTH 15
#define CASCADE_ERROR "3008:15"

/* marmot_cascade() gives the depth of the running cascade; marmot_cascade(d) adds d to it first. */
static void on_cascade(sqlite3_context *x, int n, sqlite3_value **v){
  MarmotConn *c = sqlite3_user_data(x);
  if( n ) c->cascade += sqlite3_value_int64(v[0]);
  if( c->cascade>CASCADE_DEPTH ){
    sqlite3_result_error(x, CASCADE_ERROR, -1);
    sqlite3_result_error_code(x, SQLITE_CONSTRAINT_TRIGGER);
    return;
  }
  sqlite3_result_int64(x, c->cascade);
}

int marmot_create_cascade(MarmotConn *c){
  int rc = sqlite3_create_function_v2(c->db, "marmot_cascade", 0, SQLITE_UTF8, c, on_cascade, 0, 0, 0);
  if( !rc ) rc = sqlite3_create_function_v2(c->db, "marmot_cascade", 1, SQLITE_UTF8, c, on_cascade, 0, 0, 0);
  return rc ? marmot_error(c, rc) : SQLITE_OK;
}
