// What takes too long for CI: each has a server of its own.
const { webServer, ...stories } = require('./playwright.config');

module.exports = { ...stories, testDir: 'long', timeout: 3_600_000 };
