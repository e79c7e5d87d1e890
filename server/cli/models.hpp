// `thole models`: what the providers that can be used have to offer.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

// Lists them: name, context, prices. A provider that could not be asked is told on stderr; its
// known models are listed all the same.
async::Task<int> show_models(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
