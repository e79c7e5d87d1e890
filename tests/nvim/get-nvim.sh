#!/bin/sh
# get-nvim.sh SUITE FOLDER: unpacks the Neovim of another Debian suite (trixie: 0.10, forky: 0.12) into
# FOLDER, to be run as FOLDER/usr/bin/nvim. Nothing is installed and nothing of the system is touched:
# apt works on lists and a status of its own, the packages are only unpacked, libc included, and the
# program is told to use the loader and the libraries beside it.
set -eu

suite=${1:?usage: get-nvim.sh SUITE FOLDER}
folder=${2:?usage: get-nvim.sh SUITE FOLDER}

fail() {
  echo "get-nvim.sh: $*; with a Neovim of your own: THOLE_NVIM=nvim tests/nvim/run.sh" >&2
  exit 1
}

case $suite in trixie | forky) ;; *) fail "expected trixie or forky, got '$suite'" ;; esac
for program in apt-get dpkg-deb tar awk sed; do
  command -v "$program" >/dev/null || fail "$program is missing (this needs Debian or its like)"
done
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keys" ] || fail "$keys is missing; install debian-archive-keyring"

mkdir -p "$folder"
folder=$(cd "$folder" && pwd -P)
program=$folder/usr/bin/nvim

# A folder that was moved does not run: the loader's path is in the program.
if [ "$(cat "$folder/.complete" 2>/dev/null)" = "$suite $folder" ]; then exit 0; fi
rm -rf "$folder/usr" "$folder/lib64" "$folder/.complete"

own=$folder/.apt
trap 'rm -rf "$own"' EXIT
rm -rf "$own"
mkdir -p "$own/lists/partial" "$own/archives/partial" "$own/parts"
: >"$own/status"

# The mirror of this machine's own release serves the other suites too.
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mirror=$(apt-get indextargets --format '$(CREATED_BY) $(RELEASE) $(REPO_URI)' |
  awk -v release="$release" '$1 == "Packages" && $2 == release { print $3; exit }')
[ -n "$mirror" ] || fail "apt knows no mirror of '$release'; look into /etc/apt/sources.list"
echo "deb [signed-by=$keys] $mirror $suite main" >"$own/list"
cat >"$own/conf" <<CONF
Dir::State "$own";
Dir::State::lists "$own/lists";
Dir::State::status "$own/status";
Dir::Cache "$own";
Dir::Cache::archives "$own/archives";
Dir::Etc::sourcelist "$own/list";
Dir::Etc::sourceparts "$own/parts";
Dir::Etc::preferences "$own/none";
Dir::Etc::preferencesparts "$own/parts";
APT::Sandbox::User "";
APT::Install-Recommends "0";
Acquire::Languages "none";
Acquire::Retries "3";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
CONF
apt() { APT_CONFIG=$own/conf apt-get -qq -c "$own/conf" "$@"; }
apt update --error-on=any ||
  fail "the package index of $suite cannot be read from $mirror (apt says why above)"
apt -y --download-only install neovim patchelf >/dev/null ||
  fail "the packages of Neovim in $suite cannot be fetched from $mirror (apt says why above)"

for package in "$own"/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$folder" --no-same-owner \
    --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' \
    --exclude='./usr/share/icons' --wildcards --exclude='*/gconv'
done

libraries=$folder/usr/lib/$(uname -m)-linux-gnu
loader=$(ls "$libraries"/ld-linux*.so.* | head -1)
"$loader" --library-path "$libraries" "$folder/usr/bin/patchelf" --set-interpreter "$loader" \
  --force-rpath --set-rpath "\$ORIGIN/../lib/$(basename "$libraries")" "$program"
"$program" --version >/dev/null
echo "$suite $folder" >"$folder/.complete"
