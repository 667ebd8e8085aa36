#include <conformance/store/any_store.hpp>

#include <store/memory/store.hpp>

namespace conformance_of_stores {

namespace {

class in_memory final : public place {
public:
    std::unique_ptr<store> open(clock_function now) override {
        return std::make_unique<memory_store>(memory_options{.now = std::move(now)});
    }
    bool lasts() const override { return false; }
};

template <class Place>
std::unique_ptr<place> make() {
    return std::make_unique<Place>();
}

} // namespace

const std::vector<kind_of_store>& kinds_of_store() {
    static const std::vector<kind_of_store> all = {
        {"memory", make<in_memory>},
    };
    return all;
}

INSTANTIATE_TEST_SUITE_P(stores, any_store, testing::ValuesIn(kinds_of_store()),
                         [](const auto& kind) { return std::string(kind.param.name); });

} // namespace conformance_of_stores
