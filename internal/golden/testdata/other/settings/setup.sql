SOURCE ../../sql/00_setup.sql
