#include <conformance/jobs/any_jobs.hpp>

namespace conformance_of_jobs {

INSTANTIATE_TEST_SUITE_P(kept_in, any_jobs, testing::Values(kept_in::memory, kept_in::file),
                         [](const auto& where) {
                             return where.param == kept_in::memory ? "memory" : "file";
                         });

} // namespace conformance_of_jobs
