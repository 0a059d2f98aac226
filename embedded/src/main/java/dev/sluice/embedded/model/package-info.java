/// The scripted model: an HTTP server that speaks a provider's protocol from a YAML script.
///
/// A script is a list of rules; the first that matches a request answers it. Nothing is random and
/// nothing is remembered but how often a rule has matched, so the same requests get the same
/// answers.
///
/// ```yaml
/// models: [scripted]              # absent: every model name is taken
/// api_key: sk-test                # absent: every caller is let in
/// journal: 10000                  # requests kept for GET /journal
/// pace: { first_token: 200ms, tokens_per_second: 50 }   # absent: as fast as possible
/// rules:
///   - name: flaky                 # fails twice, then the next rule that matches answers
///     when: { user: 'flaky', times: 2 }
///     reply:
///       status: 503
///       error: { message: Overloaded, type: server_error, code: overloaded }
///       headers: { Retry-After: '1' }
///   - name: told the time
///     when: { user: 'time in (\w+)', tool_result: any }
///     reply: { text: 'In {{user.1}} it is {{tool_result}}.' }
///   - name: ask for the time
///     when: { user: 'time in (\w+)', has_tools: true }
///     reply:
///       reasoning: I need a clock.
///       tool_calls:
///         - { name_matching: '.*current_time$', arguments: { city: '{{user.1}}' } }
///   - when: { user: 'story' }
///     pace: { tokens_per_second: 40 }
///     reply: { text: Once upon a time., repeat: 100 }
/// fallback: { text: 'You said: {{user}}' }   # absent: a 400 that says no rule matched
/// ```
///
/// `when` (all that is given must hold; none matches everything): `model`; `user`, a regular
/// expression searched in the text of the last user message; `tool_result`, one searched in the
/// text of the tool messages since the last assistant message, or `any`; `has_tools`, false also
/// under `tool_choice: none`; `turn`, the number of assistant messages after the last user message;
/// `times`, how often the rule may match.
///
/// `reply`: `text`, `reasoning`, `tool_calls` (`name`, or `name_matching` for the first offered
/// tool that matches as a whole, without which the rule does not match; `arguments`; `id`, by
/// default `call_0`, `call_1`, …), `finish_reason`, `usage` (overrides), `repeat`, `extra` (fields
/// put verbatim into every delta, and into the message where nothing streams), `headers`; and at
/// most one fault: `cut_after: N` closes the connection after N chunks of content (0: before the
/// status line), `hang_after: N` sends N and then nothing (0: only the head), `malformed: true`
/// sends a frame that is no JSON before the first chunk. With `status` the reply is an HTTP error
/// instead: `error` (`message`, `type`, `code`, `param`), `headers`, `malformed` (an HTML body).
/// Text and argument values may say `{{user}}`, `{{tool_result}}` and, for the groups of the rule's
/// expressions, `{{user.1}}`, `{{tool_result.1}}`; `{{request}}` is the number of the request among
/// those that the model got, so that asking twice gets two answers.
///
/// A token is a word with the white space before it; tool-call arguments count a token for each
/// fragment of twelve characters and one for the name. Prompt tokens are the words of all messages.
@NullMarked
package dev.sluice.embedded.model;

import org.jspecify.annotations.NullMarked;
