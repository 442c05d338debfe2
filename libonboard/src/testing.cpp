#include <onboard/testing.hpp>

#include <algorithm>

namespace onboard::testing {

Instant FixedClock::now() const
{
    std::scoped_lock const lock(mutex_);
    return now_;
}

void FixedClock::set(Instant now)
{
    std::scoped_lock const lock(mutex_);
    now_ = now;
}

void FixedClock::advance(std::chrono::milliseconds by)
{
    std::scoped_lock const lock(mutex_);
    now_ += by;
}

void ScriptedRandom::fill(std::span<std::byte> bytes)
{
    std::scoped_lock const lock(mutex_);
    auto const scripted = std::min(script_.size(), bytes.size());
    std::copy_n(script_.begin(), scripted, bytes.begin());
    script_.erase(script_.begin(), script_.begin() + static_cast<std::ptrdiff_t>(scripted));

    for (auto& byte : bytes.subspan(scripted)) {  // splitmix64, a byte at a time
        state_ += 0x9e3779b97f4a7c15;
        auto mixed = (state_ ^ (state_ >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        byte = static_cast<std::byte>(mixed >> 56);
    }
}

void ScriptedRandom::script(std::vector<std::byte> bytes)
{
    std::scoped_lock const lock(mutex_);
    script_ = std::move(bytes);
}

void RecordingMailer::send(Letter const& letter, std::string_view secret)
{
    std::scoped_lock const lock(mutex_);
    if (refusals_ > 0) {
        --refusals_;
        throw DeliveryFailure("told to refuse");
    }
    sent_.push_back({letter, std::string(secret)});
}

std::vector<RecordingMailer::Sent> RecordingMailer::sent() const
{
    std::scoped_lock const lock(mutex_);
    return sent_;
}

void RecordingMailer::refuse_next(int letters)
{
    std::scoped_lock const lock(mutex_);
    refusals_ = letters;
}

SecretKey test_key()
{
    std::array<std::byte, SecretKey::least_size> bytes;
    for (std::size_t index = 0; index < bytes.size(); ++index)
        bytes[index] = static_cast<std::byte>(index * 7 + 3);
    return SecretKey::from_bytes(bytes);
}

}
