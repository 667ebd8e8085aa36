#pragma once

/// A store in memory that warns of what it is told to.

#include <string>
#include <vector>

#include <store/memory/store.hpp>

namespace support {

class warning_store final : public cicada::detail::store {
public:
    explicit warning_store(cicada::detail::memory_options options) : inner_(std::move(options)) {}

    void write(std::span<cicada::detail::part* const> parts) override { inner_.write(parts); }
    void read(const cicada::detail::function<void(cicada::detail::reading&)>& ask) override {
        inner_.read(ask);
    }
    std::vector<cicada::store_error> warnings() const override { return there; }
    std::string place() const override { return inner_.place(); }

    std::vector<cicada::store_error> there;

private:
    cicada::detail::memory_store inner_;
};

} // namespace support
