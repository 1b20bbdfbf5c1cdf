CREATE DATABASE was CHARACTER SET utf8mb4;
USE was;
SOURCE tables.inc.sql
