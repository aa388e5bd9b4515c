// The words of an error are for people: a test that repeats them would only make them harder to improve. What is said
// (a code, a value, a name that the message must hold) is looked at where tests match messages by a part of them.

const ERRORS = new Set(['OperationalError', 'Fault'])
/** Functions of ours that only make or throw such an error. */
const MAKERS = new Set(['rejected', 'incomplete', 'reject', 'cancelled', 'changed', 'missing'])

function isErrorOfOurs(call) {
  const { callee } = call.node
  return call.isNewExpression() ? ERRORS.has(callee.name) : call.isCallExpression() && MAKERS.has(callee.name)
}

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'messages',
    value: {
      shouldIgnore(path) {
        if (!path.isStringLiteral() && !path.isTemplateLiteral()) return undefined
        const call = path.findParent((parent) => parent.isNewExpression() || parent.isCallExpression())
        // A code, such as `source-rejected`, is part of the API.
        if (call === null || !isErrorOfOurs(call)) return undefined
        if (path.isStringLiteral() && /^[a-z]+(-[a-z]+)*$/.test(path.node.value)) return undefined
        return 'the words of a message'
      }
    }
  }
]
