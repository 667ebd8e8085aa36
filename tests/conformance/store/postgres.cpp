#include <conformance/store/any_store.hpp>

#include <store/postgres/store.hpp>
#include <support/postgres_database.hpp>

namespace conformance_of_stores {

namespace {

class in_postgres final : public place {
public:
    std::unique_ptr<store> open(clock_function now) override {
        return std::make_unique<pg_store>(
            pg_options{.url = database_.url(), .now = std::move(now)});
    }
    bool lasts() const override { return true; }
    std::size_t longest_name() const override { return 500; }

private:
    support::postgres_database database_;
};

std::unique_ptr<place> make() { return std::make_unique<in_postgres>(); }

const bool is_added = add_kind_of_store({"postgres", make});

} // namespace

} // namespace conformance_of_stores
