// Owns the answer to PreToolUse: the policy's decision in the words of the hook, and what a person has allowed for the whole task.
import { type HookEvent, textOf } from './hook-events.ts';
import { GATED_TOOLS } from './hooked-agent.ts';
import type { PermissionDesk } from './permission-desk.ts';
import { type Decision, decideTool, type PolicyContext } from './policy.ts';
import { resolveReal } from './real-path.ts';

/** The policy's answer to a tool that writes; no answer to any other, which leaves it to the agent's own rules. What the policy denies nobody has allowed. */
export function answerTool(
  { policy, desk }: { readonly policy: PolicyContext; readonly desk?: PermissionDesk },
  event: HookEvent,
): Record<string, unknown> {
  if (!GATED_TOOLS.some((tool) => tool === event.tool)) return {};
  const cwd = textOf(event.body, 'cwd') || policy.worktree;
  const { decision, reason } = decideTool({
    ...policy,
    tool: event.tool,
    input: event.input,
    cwd,
    resolve: resolveReal,
  });
  if (decision === 'ask' && desk?.isAllowed(event))
    return toolDecision('allow', 'such calls are allowed for this task');
  return toolDecision(decision, reason);
}

/** PreToolUse's answer. */
export function toolDecision(permissionDecision: Decision['decision'], reason: string): Record<string, unknown> {
  const permissionDecisionReason = `Drover: ${reason}`;
  return { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision, permissionDecisionReason } };
}
