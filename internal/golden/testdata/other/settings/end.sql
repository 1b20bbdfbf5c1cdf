SOURCE ../../sql/90_end.sql
