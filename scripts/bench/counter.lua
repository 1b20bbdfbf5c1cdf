-- One row that every session counts up: sysbench counter.lua prepare|run|cleanup.

function thread_init()
  drv = sysbench.sql.driver()
  con = drv:connect()
end

function thread_done()
  con:disconnect()
end

function prepare()
  local c = sysbench.sql.driver():connect()
  c:query("CREATE TABLE counter (id INT PRIMARY KEY, n BIGINT NOT NULL)")
  c:query("INSERT INTO counter VALUES (1, 0)")
end

function cleanup()
  sysbench.sql.driver():connect():query("DROP TABLE IF EXISTS counter")
end

function event()
  con:query("UPDATE counter SET n = n + 1 WHERE id = 1")
end
