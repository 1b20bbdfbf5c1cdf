// What the scripts here share: where the server is, and the checks with what came out of each.
//
// A script calls check(name, work) for each check and finish() at its end. The answer of work, or its error, is written down; two
// servers' answers are compared afterwards by compare.js. A check that asserts something itself fails on any server.
'use strict';
const fs = require('fs');

const settings = {
  host: process.env.NODE_HOST || '127.0.0.1',
  port: Number(process.env.NODE_PORT),
  user: 'root',
  password: process.env.APPS_PASSWORD || '',
  database: process.env.NODE_DATABASE,
};
const results = {};
const LIMIT_MS = 60000;

// plain makes of a value what JSON can hold without loss: dates, bytes, big numbers, maps.
function plain(value, depth = 0) {
  if (value === null || value === undefined) return value === null ? null : '(undefined)';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return '(function)';
  if (typeof value !== 'object') return Number.isNaN(value) ? 'NaN' : value;
  if (depth > 12) return '(deep)';
  if (value instanceof Date) return `Date ${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()}`;
  if (Buffer.isBuffer(value)) return `Buffer ${value.toString('hex')}`;
  if (value instanceof Uint8Array) return `Bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Error) return failure(value);
  if (Array.isArray(value)) return value.map((one) => plain(one, depth + 1));
  if (value instanceof Map) return plain(Object.fromEntries(value), depth + 1);
  if (value instanceof Set) return plain([...value], depth + 1);
  if (typeof value.toJSON === 'function') return plain(value.toJSON(), depth + 1);
  const out = {};
  for (const key of Object.keys(value)) out[key] = plain(value[key], depth + 1);
  return out;
}

// failure is what two servers should say alike of an error.
function failure(error) {
  const own = error.original || error.driverError || error.cause || error;
  const out = { error: error.name, message: String(error.message) };
  for (const key of ['errno', 'code', 'sqlState', 'sqlMessage', 'fatal']) if (own[key] !== undefined) out[key] = own[key];
  return out;
}

async function check(name, work) {
  let timer;
  const limit = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`no answer within ${LIMIT_MS} ms`)), LIMIT_MS); });
  if (results[name]) throw new Error(`two checks are named ${name}`);
  try {
    results[name] = { value: plain(await Promise.race([work(), limit])) };
  } catch (error) {
    results[name] = { thrown: plain(failure(error)), stack: String(error.stack).slice(0, 2000) };
  } finally {
    clearTimeout(timer);
  }
}

// thrown returns what an error of work says; it is an error that there is none.
async function thrown(work) {
  try {
    await work();
  } catch (error) {
    return failure(error);
  }
  throw new Error('no error came');
}

// finish writes the results down and ends the process, whatever still holds it.
function finish() {
  fs.writeFileSync(process.env.NODE_RESULTS, JSON.stringify(results, null, 1));
  process.exit(0);
}

module.exports = { settings, check, thrown, finish, plain };
