// Stories with a server of their own, which they may kill: they can be played beside the others.
const { webServer, ...stories } = require('./playwright.config');

module.exports = { ...stories, testDir: 'own', outputDir: 'test-results/own' };
