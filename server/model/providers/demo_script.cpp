#include "model/providers/demo.hpp"

namespace thole::model {

Reply demo_reply(const Request&) {
    Reply reply;
    reply.blocks.push_back(Text{"I am the demo model."});
    return reply;
}

}  // namespace thole::model
