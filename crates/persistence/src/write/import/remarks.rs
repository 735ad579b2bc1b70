//! Remarks on a file that is taken as it is: the first of each kind, and how many there are.

use pomost_domain::exchange::Fault;

/// How many remarks of a kind are shown one by one.
const SHOWN: usize = 5;

/// Remarks by their kind, in the order in which the kinds were first met.
#[derive(Default)]
pub(super) struct Remarks(Vec<Kind>);

struct Kind {
    name: String,
    shown: Vec<Fault>,
    /// How many there are in all.
    count: usize,
}

impl Remarks {
    pub(super) fn note(&mut self, remark: Fault) {
        let name = remark.kind();
        let Some(kind) = self.0.iter_mut().find(|kind| kind.name == name) else {
            self.0.push(Kind { name, shown: vec![remark], count: 1 });
            return;
        };
        kind.count += 1;
        if kind.shown.len() < SHOWN {
            kind.shown.push(remark);
        }
    }

    pub(super) fn extend(&mut self, remarks: impl IntoIterator<Item = Fault>) {
        remarks.into_iter().for_each(|remark| self.note(remark));
    }

    /// The remarks that are shown.
    pub(super) fn shown(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter().flat_map(|kind| &kind.shown)
    }

    /// The remarks in their order; of a kind with many, the number of the others.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.0.into_iter().flat_map(Kind::into_faults).collect()
    }
}

impl Kind {
    fn into_faults(self) -> Vec<Fault> {
        let Self { mut shown, count, .. } = self;
        let more = count - shown.len();
        if more > 0
            && let Some(last) = shown.last()
        {
            let collection = last.pointer.split('/').nth(1).unwrap_or_default();
            let message = format!("{more} more of the same kind: {}", last.message);
            shown.push(Fault::new(format!("/{collection}"), message));
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_of_a_kind_are_summed_up() {
        let mut remarks = Remarks::default();
        for place in 0..8 {
            remarks.note(Fault::new(format!("/cities/{place}"), "no source is given"));
            remarks.note(Fault::new(format!("/cities/{place}/kind"), format!("\"kind{place}\" is not a known value")));
        }
        remarks.note(Fault::new("/events/0", "no source is given"));
        let shown: Vec<String> = remarks.into_faults().iter().map(ToString::to_string).collect();
        assert_eq!(shown.len(), 13);
        assert_eq!(shown[5], "/cities: 3 more of the same kind: no source is given");
        assert_eq!(shown[11], "/cities: 3 more of the same kind: \"kind4\" is not a known value");
        assert_eq!(shown[12], "/events/0: no source is given");
    }
}
