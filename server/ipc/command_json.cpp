#include "ipc/command_json.hpp"

#include "base/json.hpp"

namespace thole::ipc {}
