#include "acp/codec.hpp"

#include "base/json.hpp"

namespace thole::acp {

Json PlainCodec::permission(Json params) {
    return params;
}

}  // namespace thole::acp
