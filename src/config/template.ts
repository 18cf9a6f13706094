// Owns the text of `.drover/config.yaml` as `drover init` writes it: every key of a repository with its default, commented out.
import { formatDuration } from './duration.ts';
import { type Config, DEFAULT_CONFIG } from './schema.ts';

/** The commented file. It sets nothing: what stands in it are the defaults, so that a later default is not frozen. */
export function configTemplate(config: Config = DEFAULT_CONFIG): string {
  return `# How Drover works on this repository. Commit this file: it is shared by all who work here.
# Every key is optional; what is commented out shows the default. Check it with \`drover doctor\`.
#
# What is yours alone (the agent's program, its permissions, your keys) stands in your own file,
# ~/.config/drover/config.yaml, and is refused here: cloning a repository must not run a program
# or loosen a permission unasked.

# The branch that finished tasks land on. Without it: origin/HEAD, then main or master, then the branch that is checked out.
# baseBranch: main

# Shell command that must pass on the merged result before a task lands. It runs as you, outside of
# the agent's permission rules, each time a task lands: read it before you run somebody else's repository.
# test: npm test

# The most time that the test command and one attempt of a task may take.
# testTimeout: ${formatDuration(config.testTimeout)}
# taskTimeout: ${formatDuration(config.taskTimeout)}

# Each worktree is given what the project's package managers install (npm, pnpm, yarn, bun, uv, a venv for
# requirements.txt), once for each lock file; \`dependencies: none\` installs nothing. folders: where lock files are looked
# for; skip: package managers to leave out; share: \`copy\` links nothing that a program could write to; keyFiles: what else
# decides an install, such as the schema of a code generator.
# dependencies:
#   folders: ["."]
#   skip: []
#   share: ${config.dependencies.share}
#   keyFiles: []

# Shell commands that make a worktree ready. They run as you, as \`test\` does. What outputs names is kept for as long as
# the command and its keyFiles are the same, and copied into each worktree; without outputs a command runs for each, unless
# its check succeeds.
# setup: [{ run: make tools, keyFiles: [tools.lock], outputs: [.tools], check: .tools/lint --version, timeout: 10m }]

# Files of your checkout, which git ignores, that every worktree gets a copy of.
# copy: [.env]

# The time that an agent has to come to a safe point (the end of a step's tools, or of its turn) when its task is
# paused; then it is interrupted.
# pauseGrace: ${formatDuration(config.pauseGrace)}

# How many tasks are worked on at the same time, and by whom: claude, command (your own file says which), or rehearsal
# (a scripted stand-in that needs no account).
# workers: ${config.workers}
# agent: ${config.agent}

# Worktrees that are kept, so that a task begins at once. Both numbers count all of them, those that tasks hold too:
# \`size\` is the most, \`min\` the least while a session runs; between them the queue decides. Tasks never wait for
# \`size\`: when all are held, the next task has one more made. A size of 0 keeps none ready. One that was not used for
# \`refresh\` is looked after again. How their files are made (\`backend\`: auto, checkout, or copy-on-write by overlay,
# btrfs, reflink) your own file says.
# pool:
#   size: ${config.pool.size}
#   min: ${config.pool.min}
#   refresh: ${formatDuration(config.pool.refresh)}

# A failed attempt is tried again after a delay that doubles each time.
# retry:
#   maxAttempts: ${config.retry.maxAttempts}
#   baseDelay: ${formatDuration(config.retry.baseDelay)}
#   maxDelay: ${formatDuration(config.retry.maxDelay)}

# After an error of the agent's API or a usage limit the same conversation goes on after such a delay; no attempt is lost.
# apiRetry:
#   baseDelay: ${formatDuration(config.apiRetry.baseDelay)}
#   maxDelay: ${formatDuration(config.apiRetry.maxDelay)}

# How much agents may hand to others: levels of sub-tasks, how many under one task of yours, and how many new ones a minute.
# maxCost (dollars, as Claude Code reckons them) and maxTokens pause a task of yours with all under it each time that it has
# used so much; whoever resumes it lets it use as much again. Without them nothing is paused.
# subtasks:
#   maxDepth: ${config.subtasks.maxDepth}
#   maxPerTask: ${config.subtasks.maxPerTask}
#   perMinute: ${config.subtasks.perMinute}
#   maxTokens: 20000000
#   maxCost: 5.00

# When a task begins, the upstream of the base branch (as in \`git branch --set-upstream-to\`) is asked for newer commits;
# its agent reads meanwhile, and writes once they are there. \`off\` begins at the base branch as it is here. An upstream
# that does not answer within the timeout lets nobody write.
# sync:
#   fetch: ${config.sync.fetch}
#   timeout: ${formatDuration(config.sync.timeout)}

# Claude Code. \`deny\` holds its own permission rules and is added to yours; \`tui: fullscreen\` draws on the
# alternate screen and leaves no scrollback. \`telemetry: off\` does not ask it for its tokens and dollars by OpenTelemetry;
# nor is it asked when OTEL_* or CLAUDE_CODE_ENABLE_TELEMETRY is set in your environment. Its transcript tells the tokens then.
# claude:
#   model: opus
#   deny: ["Read(./.env)"]
#   tui: ${config.claude.tui}
#   telemetry: ${config.claude.telemetry}

# What Drover answers to an agent's tool that writes. A repository can only be stricter than you are:
# insideWorktree allow or ask, outsideWorktree ask or deny.
# policy:
#   insideWorktree: ${config.policy.insideWorktree}
#   outsideWorktree: ${config.policy.outsideWorktree}

# Lines of scrollback of each pane.
# scrollback: ${config.scrollback}

# What the workspace looks like at first. Own ones are files in .drover/layouts and .drover/themes. Who wants another
# look, or \`motion: reduced\`, says so in the own file.
# layout: ${config.layout}
# theme: ${config.theme}
`;
}
