-- JSON in rows: a MariaDB that follows a MySQL stops here.
create table maria_test.js (id int primary key, j json);
insert into maria_test.js values (1,'{"a":1,"bb":[1,2.5,"x",null,true,false],"c":{"d":{}},"e":-70000,"f":5000000000,"g":18446744073709551615}'),(2,'[]'),(3,'"str"'),(4,null),(5,concat('{"k":"',repeat('z',70000),'"}'));
update maria_test.js set j = json_set(j, '$.a', 2) where id = 1;
