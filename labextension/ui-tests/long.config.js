// What takes too long for CI.
const own = require('./own.config');

module.exports = { ...own, testDir: 'long', timeout: 3_600_000 };
