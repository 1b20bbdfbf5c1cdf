// compare.js NAME MARMOT [MYSQL]: compares what the checks of one script gave on two servers. Exits 1 if they differ or if one threw.
'use strict';
const fs = require('fs');
const path = require('path');

const [name, one, other] = process.argv.slice(2);
// The account that the checks log in as is root@localhost in one and root@% in the other.
const read = (file) => (file && fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8').replace(/`root`@`(localhost|%)`/g, '`root`@`host`')) : null);
const marmot = read(one) || {};
const mysql = read(other);
const SHOWN = 30;
// Checks that are expected to differ, each with its reason: "script: check", tab, reason.
const known = new Map(fs.readFileSync(path.join(__dirname, '../known/node.txt'), 'utf8').split('\n')
  .filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t')));
let passed = 0;
let failed = 0;
let skipped = 0;
let expected = 0;

// differences lists where two values differ, by path.
function differences(left, right, path, list) {
  if (list.length >= SHOWN) return;
  const both = left && right && typeof left === 'object' && typeof right === 'object' && Array.isArray(left) === Array.isArray(right);
  if (!both) {
    if (JSON.stringify(left) !== JSON.stringify(right)) list.push(`${path}: ${JSON.stringify(left)} on Marmot, ${JSON.stringify(right)} on MySQL`);
    return;
  }
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) differences(left[key], right[key], `${path}.${key}`, list);
}

for (const key of new Set([...Object.keys(mysql || {}), ...Object.keys(marmot)])) {
  const list = [];
  const got = marmot[key];
  // A check that makes no sense where each connection goes to another node says so.
  if (got && got.value === 'one server only') { skipped++; continue; }
  if (!got) list.push('it did not run on Marmot');
  else if (got.thrown) list.push(`${got.thrown.message}\n${got.stack.split('\n').filter((line) => !line.includes('node_modules')).slice(1, 4).join('\n')}`);
  if (mysql && mysql[key] && mysql[key].thrown) list.push(`MySQL: ${mysql[key].thrown.message}`);
  if (mysql && got && !got.thrown) differences(got.value, (mysql[key] || {}).value, '', list);
  const reason = mysql ? known.get(`${name}: ${key}`) : undefined;
  if (list.length === 0) {
    passed++;
    if (reason) console.log(`mended ${name}: ${key}: take it out of the list`);
    continue;
  }
  if (reason && got && !got.thrown) {
    expected++;
    console.log(`known ${name}: ${key}: ${reason}`);
    continue;
  }
  failed++;
  console.log(`FAIL ${name}: ${key}`);
  for (const line of list) console.log(`  ${line.slice(0, 1500)}`);
}
if (passed + failed + expected === 0) { console.log(`FAIL ${name}: no check ran`); failed++; }
console.log(`${name}: ${passed} of ${passed + failed + expected}${mysql ? ' as on MySQL' : ''}${skipped ? `, ${skipped} left out` : ''}`);
process.exit(failed ? 1 : 0);
