#include <onboard/secrets.hpp>

onboard::LoginToken token_of(onboard::LoginToken::Verifier const& verifier, onboard::SecretKey const& key)
{
#ifdef MISTAKE
    return onboard::LoginToken("a token of our own");
#else
    return onboard::LoginToken::make(1, verifier, key);
#endif
}
