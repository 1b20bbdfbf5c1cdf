// The driver "mysql" knows neither caching_sha2_password nor any other way to log in that MySQL 9 has: it is refused by both servers alike.
'use strict';
const { promisify } = require('util');
const mysql = require('mysql');
const { check, thrown, finish, settings } = require('./check');

async function main() {
  await check('login', () => thrown(() => {
    const connection = mysql.createConnection(settings);
    return promisify(connection.connect).call(connection);
  }));
  finish();
}
main();
