// Owns who may import whom. test/layers runs it and counts the modules that it read.
const room = (names) => `^src/(${names})/`;
const forbid = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: { path: to } });
const home = (library, rooms) => ({
  name: `one-home-for-${library.replaceAll(/[^a-z-]/g, '')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: rooms },
  to: { path: `node_modules/${library}/` },
});
const SERVER = 'store|git|terminal|telemetry|agent|pool|server|share';
const CLIENT = 'client|cli|mcp|tui';

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'all-imports-resolve', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'domain-is-pure', severity: 'error', from: { path: room('domain') }, to: { pathNot: room('domain') } },
    {
      name: 'config-knows-the-domain',
      severity: 'error',
      from: { path: room('config') },
      to: { path: '^src/', pathNot: room('config|domain') },
    },
    {
      name: 'protocol-knows-the-domain',
      severity: 'error',
      from: { path: room('protocol') },
      to: { path: '^src/', pathNot: room('protocol|domain') },
    },
    forbid('server-side-knows-no-client', room(SERVER), room(CLIENT)),
    forbid('client-side-knows-no-server', room(CLIENT), room(SERVER)),
    forbid(
      'lowest-server-rooms-know-none-above',
      room('store|git|terminal|telemetry'),
      room('agent|pool|server|share'),
    ),
    forbid('lowest-server-rooms-are-apart-store', room('store'), room('git|terminal')),
    forbid('lowest-server-rooms-are-apart-git', room('git'), room('store|terminal')),
    forbid('lowest-server-rooms-are-apart-terminal', room('terminal'), room('git|store')),
    forbid('agent-and-pool-do-not-know-the-server', room('agent|pool'), room('server|share')),
    forbid('agent-and-pool-are-apart', room('agent'), room('pool')),
    forbid('client-knows-no-face', room('client'), room('cli|mcp|tui')),
    forbid('faces-are-apart-mcp', room('mcp'), room('cli|tui')),
    forbid('faces-are-apart-tui', room('tui'), room('cli|mcp')),
    forbid('rehearsal-stands-alone', room('rehearsal'), '^src/(?!rehearsal|domain)'),
    home('node-pty', '^src/terminal/'),
    home('@xterm', '^src/terminal/'),
    home('lowdb', '^src/store/'),
    home('simple-git', '^src/git/'),
    home('blessed', '^src/tui/'),
    home('chokidar', '^src/tui/'),
    home('execa', '^src/(pool|agent|git)/'),
    home('zod', '^src/(protocol|mcp|config)/'),
    home('commander', '^src/cli/'),
    home('@modelcontextprotocol', '^src/(mcp|rehearsal)/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
};
