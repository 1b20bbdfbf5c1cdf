/*
** Declarations shared by the package's C files: the SQLite API, memory, the flat format,
** connections, and branches.
**
** SQLite itself is in the object files of github.com/mattn/go-sqlite3. cgo first links each
** package by itself, where SQLite's functions are missing; declared weak, they may be. A function
** that is used here but not listed below fails that link and so names itself.
*/
#ifndef MARMOT_H
#define MARMOT_H

#include <stdint.h>
#include <stddef.h>

#ifndef SQLITE_ENABLE_PREUPDATE_HOOK
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#endif
#include "sqlite3.h"

#pragma weak sqlite3_aggregate_context
#pragma weak sqlite3_backup_finish
#pragma weak sqlite3_backup_init
#pragma weak sqlite3_backup_step
#pragma weak sqlite3_bind_blob64
#pragma weak sqlite3_bind_double
#pragma weak sqlite3_bind_int64
#pragma weak sqlite3_bind_null
#pragma weak sqlite3_bind_parameter_count
#pragma weak sqlite3_bind_text64
#pragma weak sqlite3_busy_timeout
#pragma weak sqlite3_changes64
#pragma weak sqlite3_clear_bindings
#pragma weak sqlite3_close_v2
#pragma weak sqlite3_column_blob
#pragma weak sqlite3_column_bytes
#pragma weak sqlite3_column_count
#pragma weak sqlite3_column_double
#pragma weak sqlite3_column_int64
#pragma weak sqlite3_column_name
#pragma weak sqlite3_column_text
#pragma weak sqlite3_column_type
#pragma weak sqlite3_compileoption_used
#pragma weak sqlite3_create_collation_v2
#pragma weak sqlite3_create_function_v2
#pragma weak sqlite3_create_window_function
#pragma weak sqlite3_database_file_object
#pragma weak sqlite3_db_config
#pragma weak sqlite3_db_status
#pragma weak sqlite3_errcode
#pragma weak sqlite3_errmsg
#pragma weak sqlite3_errstr
#pragma weak sqlite3_exec
#pragma weak sqlite3_extended_errcode
#pragma weak sqlite3_extended_result_codes
#pragma weak sqlite3_file_control
#pragma weak sqlite3_finalize
#pragma weak sqlite3_free
#pragma weak sqlite3_get_autocommit
#pragma weak sqlite3_last_insert_rowid
#pragma weak sqlite3_libversion_number
#pragma weak sqlite3_limit
#pragma weak sqlite3_malloc64
#pragma weak sqlite3_mprintf
#pragma weak sqlite3_msize
#pragma weak sqlite3_open_v2
#pragma weak sqlite3_prepare_v3
#pragma weak sqlite3_preupdate_count
#pragma weak sqlite3_preupdate_depth
#pragma weak sqlite3_preupdate_hook
#pragma weak sqlite3_preupdate_new
#pragma weak sqlite3_preupdate_old
#pragma weak sqlite3_progress_handler
#pragma weak sqlite3_randomness
#pragma weak sqlite3_realloc64
#pragma weak sqlite3_reset
#pragma weak sqlite3_result_blob64
#pragma weak sqlite3_result_double
#pragma weak sqlite3_result_error
#pragma weak sqlite3_result_error_code
#pragma weak sqlite3_result_error_nomem
#pragma weak sqlite3_result_int64
#pragma weak sqlite3_result_null
#pragma weak sqlite3_result_text64
#pragma weak sqlite3_set_authorizer
#pragma weak sqlite3_snprintf
#pragma weak sqlite3_sourceid
#pragma weak sqlite3_status64
#pragma weak sqlite3_step
#pragma weak sqlite3_stmt_readonly
#pragma weak sqlite3_total_changes64
#pragma weak sqlite3_user_data
#pragma weak sqlite3_value_blob
#pragma weak sqlite3_value_bytes
#pragma weak sqlite3_value_double
#pragma weak sqlite3_value_int64
#pragma weak sqlite3_value_text
#pragma weak sqlite3_value_type
#pragma weak sqlite3_vfs_find
#pragma weak sqlite3_vfs_register
#pragma weak sqlite3_vfs_unregister

/* ---------- memory, counted (flat.c) ---------- */

void *marmot_alloc(int64_t bytes);               /* zeroed; NULL when there is none */
void *marmot_realloc(void *block, int64_t bytes);
void marmot_free(void *block);
int64_t marmot_heap(void);                       /* bytes allocated by the process; -1: not known */
int64_t marmot_memory(void);                     /* bytes that this package's C code holds */

/* ---------- flat values (flat.c) ----------
** A value is one byte of SQLite's type number, then: INTEGER and REAL 8 bytes; TEXT and BLOB 4 bytes
** of length and that many bytes; NULL nothing. Numbers are in the machine's byte order. */

typedef struct MarmotBuffer {
  uint8_t *data;
  int64_t n;    /* bytes used */
  int64_t cap;  /* bytes allocated */
} MarmotBuffer;

uint8_t *marmot_reserve(MarmotBuffer *b, int64_t more); /* room for more bytes behind n, or NULL */
void marmot_buffer_free(MarmotBuffer *b);
int marmot_append_value(MarmotBuffer *b, sqlite3_value *v);
int marmot_append_column(MarmotBuffer *b, sqlite3_stmt *s, int column);

/* ---------- connections (conn.c) ---------- */

typedef struct MarmotConn MarmotConn;

/* A function or aggregate as SQLite's user data: whose it is, and its number there. */
typedef struct MarmotExtension {
  MarmotConn *conn;
  int index;
} MarmotExtension;

/* A collation likewise, with what C needs to compare ASCII by itself. */
typedef struct MarmotCollation {
  MarmotConn *conn;
  int index;
  int pad_space;
  int has_weights;
  uint16_t weights[128];
} MarmotCollation;

/* What a Go function gave back. */
typedef struct MarmotResult {
  int32_t kind;            /* SQLite's type number, or -1: data is the text of an error */
  int64_t number;          /* INTEGER, or the bits of a REAL */
  MarmotBuffer bytes;      /* TEXT, BLOB, error; n is set by the Go side */
} MarmotResult;

/* An argument as Go reads it; data stays SQLite's. */
typedef struct MarmotArgument {
  int64_t number;
  const void *data;
  int32_t size;
  int32_t kind;
} MarmotArgument;

/* Reasons of stop. */
enum { MARMOT_STOP_NONE = 0, MARMOT_STOP_INTERRUPT = 1, MARMOT_STOP_CAPTURE = 2 };

struct MarmotConn {
  sqlite3 *db;
  uintptr_t handle;        /* cgo handle of the Go Conn */
  int stop;                /* atomic: why the running statement has to end */
  int active;              /* statements begun and not ended */
  int rolled_back;         /* the last failed step ended a transaction */
  int over_limit;          /* the last failed step captured more than the limit */
  int guarded;             /* the authorizer refuses what a branch must not do */
  int64_t progress_every;  /* opcodes between calls of the Go progress function; 0: none */
  int64_t progress_count;
  MarmotResult result;
  MarmotBuffer message;    /* text of the last error, n bytes */
  int64_t cascade;         /* depth of marmot_cascade */
  /* capture (capture.c) */
  MarmotBuffer captured;
  int64_t capture_limit;   /* bytes; 0: none */
  int64_t capture_over;    /* bytes beyond the limit that were not kept since the statement began */
  int capture_on;
  int capture_main;        /* rows of the schema main count */
  int capture_failed;      /* out of memory while capturing */
};

/* A prepared statement with its parameters in flat form. */
typedef struct MarmotStmt {
  sqlite3_stmt *stmt;
  MarmotBuffer params;     /* bound values point into it */
  int32_t columns;
  int32_t parameters;
  int32_t active;
  int32_t rows;            /* rows in the last batch */
} MarmotStmt;

int marmot_open(const char *path, int flags, const char *vfs, uintptr_t handle, MarmotConn **out);
int marmot_close(MarmotConn *c);
int marmot_error(MarmotConn *c, int rc);         /* notes message; returns the extended code */
int marmot_exec(MarmotConn *c, const char *sql); /* for own use: neither guarded nor counted */
int marmot_prepare(MarmotConn *c, const char *sql, int size, int persistent, MarmotStmt **out, int *tail);
void marmot_finalize(MarmotConn *c, MarmotStmt *s);
void marmot_reset(MarmotConn *c, MarmotStmt *s);
uint8_t *marmot_params(MarmotStmt *s, int64_t size); /* an empty parameter buffer of that size */
/* Begins s if it is not active (binding: 0 keeps, 1 clears, 2 binds params), then steps up to
** max_rows rows into out, ending early beyond max_bytes. SQLITE_ROW: there may be more. Else
** SQLITE_DONE or an extended code, and s is reset. */
int marmot_step(MarmotConn *c, MarmotStmt *s, int binding, MarmotBuffer *out, int max_rows, int64_t max_bytes);
void marmot_progress(MarmotConn *c, int64_t opcodes);
void marmot_interrupt(MarmotConn *c);
int marmot_backup(MarmotConn *from, const char *alias, MarmotConn *to, const char *to_alias);
int marmot_preupdate_available(void);
int marmot_counts_memory(void);

/* ---------- functions and collations (extension.c) ---------- */

/* What a MarmotExtension is to SQLite. */
enum { MARMOT_FUNCTION = 0, MARMOT_DETERMINISTIC = 1, MARMOT_AGGREGATE = 2 };

int marmot_create_extensions(MarmotConn *c, MarmotExtension *x, int n, const char *names, const int32_t *arities, const uint8_t *kinds, int *failed);
int marmot_collations_when_needed(MarmotConn *c);
int marmot_create_collation(MarmotConn *c, MarmotCollation *x, const char *name);
int marmot_create_cascade(MarmotConn *c);
int marmot_compare(const MarmotCollation *x, int na, const void *a, int nb, const void *b);

/* ---------- capture (capture.c) ---------- */

void marmot_capture_start(MarmotConn *c, int capture_main);

#endif
