SOURCE ../../sql/10_stream.sql
