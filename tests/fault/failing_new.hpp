#pragma once

namespace fault {

/// So many allocations of this thread succeed, then one fails. Negative: none fails.
extern constinit thread_local long until_failure;

} // namespace fault
