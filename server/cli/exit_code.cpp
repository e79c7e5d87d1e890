#include "cli/exit_code.hpp"

namespace thole::cli {

int exit_code(Code code) {
    switch (code) {
        case Code::invalid_argument:
            return exit_usage;
        case Code::not_found:
            return exit_no_session;
        case Code::cancelled:
            return exit_cancelled;
        case Code::configuration:
            return exit_configuration;
        case Code::authentication:
            return exit_authentication;
        case Code::timed_out:
        case Code::too_large:
        case Code::unavailable:
            return exit_provider;
        case Code::refused:
            return exit_refused;
        case Code::limit:
            return exit_limit;
        case Code::busy:
            return exit_busy;
        case Code::internal:
        case Code::exists:
        case Code::denied:
        case Code::io:
        case Code::corrupt:
            return exit_internal;
    }
    return exit_internal;
}

}  // namespace thole::cli
