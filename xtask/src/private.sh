# Runs inside the private environment; arguments: which tests need its servers.
ip link set lo up
mount -t tmpfs none /run
mkdir /run/pcscd /run/reader.conf.d

# One virtual reader with two slots: 35963 and 35964. To connect to a port is to insert a card.
port=35963
driver=$(dpkg -L vsmartcard-vpcd | grep 'libifdvpcd\.so$')
printf 'FRIENDLYNAME "jushin test reader"\nDEVICENAME /dev/null:0x%04X\nLIBPATH %s\nCHANNELID 0x%04X\n' \
    "$port" "$driver" "$port" > /run/reader.conf.d/vpcd
pcscd --foreground --error --config /run/reader.conf.d > /run/pcscd.log 2>&1 &
pcscd=$!
tries=0
until [ -S /run/pcscd/pcscd.comm ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 200 ] || ! kill -0 "$pcscd"; then
        echo "pcscd did not start:" >&2
        cat /run/pcscd.log >&2
        exit 1
    fi
    sleep 0.05
done

export JUSHIN_VPCD="127.0.0.1:$port"
failed=0
"$CARGO" test --workspace --locked --offline --no-fail-fast || failed=1
"$CARGO" test --workspace --locked --offline --no-fail-fast "$@" || failed=1
if [ "$failed" = 1 ]; then
    echo "what pcscd said:" >&2
    cat /run/pcscd.log >&2
fi
exit "$failed"
