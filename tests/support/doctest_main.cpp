#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "async/supervise.hpp"

int main(int argc, char** argv) {
    thole::async::supervise_if_asked(argc, argv);
    return doctest::Context(argc, argv).run();
}
