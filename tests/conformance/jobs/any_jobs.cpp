#include <conformance/jobs/any_jobs.hpp>

#include <support/temporary_folder.hpp>

namespace conformance_of_jobs {

namespace {

class in_memory final : public kept {
    std::string url() const override { return "memory:"; }
    bool lasts() const override { return false; }
};

class in_a_file final : public kept {
    std::string url() const override { return "sqlite:" + (folder_ / "jobs.db"); }

    support::temporary_folder folder_;
};

template <class Kept>
std::unique_ptr<kept> make() {
    return std::make_unique<Kept>();
}

std::vector<kind_of_kept>& all_kinds() {
    static std::vector<kind_of_kept> all = {
        {"memory", make<in_memory>},
        {"file", make<in_a_file>},
    };
    return all;
}

} // namespace

bool add_kind_of_kept(kind_of_kept one) {
    all_kinds().push_back(one);
    return true;
}

INSTANTIATE_TEST_SUITE_P(kept_in, any_jobs, testing::ValuesIn(all_kinds()),
                         [](const auto& kind) { return std::string(kind.param.name); });

} // namespace conformance_of_jobs
