// Starting the supervisor of a program: the search for the program, and what of ours the two get.
// Used by Process only; keeps nothing. Loop thread.
#pragma once
#include <sys/types.h>

#include <string>

#include "async/descriptor.hpp"
#include "async/process.hpp"

namespace thole::async {

// The ends that the program gets; `control` is the supervisor's. A closed `in`: /dev/null.
struct ChildEnds {
    Descriptor in, out, err, control;
};

// The file that options.argv[0] names, relative to options.cwd: by PATH (the one of options.env, if
// that is given) unless it has a slash. Errors: not_found (also the cwd), denied.
Result<std::string> find_program(const ProcessOptions& options);

// Starts the supervisor of `program`; all errors of the program itself are the supervisor's to
// tell. Gives the pid of the supervisor. Errors: io, denied (the cwd).
Result<pid_t> start_supervisor(const std::string& program, ProcessOptions& options,
                               const ChildEnds& ends);

}  // namespace thole::async
