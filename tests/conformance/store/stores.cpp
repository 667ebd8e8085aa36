#include <conformance/store/any_store.hpp>

#include <store/memory/store.hpp>
#include <store/sqlite/store.hpp>
#include <support/temporary_folder.hpp>

namespace conformance_of_stores {

namespace {

class in_memory final : public place {
public:
    std::unique_ptr<store> open(clock_function now) override {
        return std::make_unique<memory_store>(memory_options{.now = std::move(now)});
    }
    bool lasts() const override { return false; }
};

class in_sqlite final : public place {
public:
    std::unique_ptr<store> open(clock_function now) override {
        return std::make_unique<sqlite_store>(
            sqlite_options{.path = folder_ / "jobs.db", .now = std::move(now)});
    }
    bool lasts() const override { return true; }
    bool is_owned() const override { return true; }

private:
    support::temporary_folder folder_{support::fast_folders()};
};

template <class Place>
std::unique_ptr<place> make() {
    return std::make_unique<Place>();
}

} // namespace

namespace {

std::vector<kind_of_store>& all_kinds() {
    static std::vector<kind_of_store> all = {
        {"memory", make<in_memory>},
        {"sqlite", make<in_sqlite>},
    };
    return all;
}

} // namespace

const std::vector<kind_of_store>& kinds_of_store() { return all_kinds(); }

bool add_kind_of_store(kind_of_store one) {
    all_kinds().push_back(one);
    return true;
}

INSTANTIATE_TEST_SUITE_P(stores, any_store, testing::ValuesIn(kinds_of_store()),
                         [](const auto& kind) { return std::string(kind.param.name); });

} // namespace conformance_of_stores
