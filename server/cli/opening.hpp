// How the command line's flags become a session to create or to open. Values; the one coroutine
// says what to open in the words of errors that a person at a terminal can act on.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

NewSession new_session(const Parts& parts, const Invocation& invocation);
OpenSession known_session(const Parts& parts, const Invocation& invocation, std::string id);

// A model that is not there is a setting to mend, not a missing session.
Error as_setting(Error error);

// The session of `invocation.id`, or a new one when that is empty. Errors: those of Sessions; a
// model that is not there is `configuration`.
async::Task<Result<Session*>> open_session(Parts& parts, const Invocation& invocation);

// Where the session of `invocation.id` lies. Errors: those of resolve_session.
Result<SessionFiles> files_of(const Parts& parts, const Invocation& invocation);

// Says what went wrong and gives the exit code for it.
int complain(Parts& parts, const Error& error);

}  // namespace thole::cli
