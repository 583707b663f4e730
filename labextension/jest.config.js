const esm = ['@jupyterlab', '@jupyter', '@microsoft', '@rjsf', '@codemirror', 'exenv-es6', 'lib0', 'nanoid', 'vscode-ws-jsonrpc', 'y-protocols', 'y-websocket', 'yjs', 'marked', '@lezer', 'style-mod', 'crelt', 'w3c-keyname'].join('|');

module.exports = {
  testEnvironment: 'jsdom',
  setupFiles: ['<rootDir>/src/testing/setup.js'],
  roots: ['<rootDir>/src'],
  testRegex: '\\.spec\\.tsx?$',
  moduleNameMapper: { '\\.(css|svg)$': '<rootDir>/src/testing/nothing.js' },
  transform: {
    '\\.(ts|tsx|js|mjs)$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript', tsx: true }, target: 'es2022' }, module: { type: 'commonjs' } }
    ]
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esm})/)`]
};
