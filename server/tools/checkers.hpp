// What checks files while they are edited: the language servers and compilers of an editor. Lent
// with its files; loop thread.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"

namespace thole {

// Something that a checker has to say about a file.
struct Problem {
    std::string path;                   // absolute
    std::int64_t line = 0, column = 0;  // from 1; 0 when unknown
    std::string severity;               // error warning info hint
    std::string message, source, code;
    bool operator==(const Problem&) const = default;
};

class Checkers {
public:
    virtual ~Checkers() = default;
    // Of one file, or of all (""). Errors: timed_out, cancelled, unavailable.
    virtual async::Task<Result<std::vector<Problem>>> problems(std::string path) = 0;
};

}  // namespace thole
