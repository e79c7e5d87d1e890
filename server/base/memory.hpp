// What the C library keeps of freed memory. Any thread.
#pragma once

namespace thole {

// Gives it back to the operating system: after work that needed much for a moment, in a process
// that then waits for people.
void give_back_memory();

}  // namespace thole
