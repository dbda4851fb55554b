//! The JSON form of a type, worked out once for all of its values.

use wasmtime::component::Type;
use wasmtime::component::types::Case as WitCase;

use super::shape::{self, Payload};

/// The JSON form of a type.
pub struct Form {
    pub(super) ty: Type,
    pub(super) parts: Parts,
}

/// The forms of the parts of a type.
pub(super) enum Parts {
    /// A type without parts.
    Absent,
    Bytes,
    /// A list of any length, or of a fixed one.
    Items(Box<Form>),
    Tuple(Vec<Form>),
    /// The keys and the values.
    Map(Box<(Form, Form)>),
    Record(Vec<Field>),
    Variant(Vec<Case>),
    Option {
        some: Box<Form>,
        /// Whether it is written as `{"some": ...}`.
        is_wrapped: bool,
    },
    Result {
        ok: Option<Box<Form>>,
        error: Option<Box<Form>>,
    },
}

/// A field of a record.
pub(super) struct Field {
    pub key: String,
    pub wit: String,
    pub form: Form,
}

/// A case of a variant.
pub(super) struct Case {
    pub name: String,
    pub payload: CasePayload,
}

/// The place of a case's payload, see [`Payload`].
pub(super) enum CasePayload {
    Absent,
    Beside(Vec<Field>),
    Under(Form),
}

impl Form {
    /// Returns the form of `ty`.
    pub fn of(ty: &Type) -> Self {
        Self { ty: ty.clone(), parts: parts(ty) }
    }

    fn boxed(ty: &Type) -> Box<Self> {
        Box::new(Self::of(ty))
    }
}

fn parts(ty: &Type) -> Parts {
    match ty {
        Type::List(list) if shape::is_bytes(list) => Parts::Bytes,
        Type::List(list) => Parts::Items(Form::boxed(&list.ty())),
        Type::FixedLengthList(list) => Parts::Items(Form::boxed(&list.ty())),
        Type::Tuple(tuple) => Parts::Tuple(tuple.types().map(|ty| Form::of(&ty)).collect()),
        Type::Map(map) => Parts::Map(Box::new((Form::of(&map.key()), Form::of(&map.value())))),
        Type::Record(record) => Parts::Record(fields(shape::members(record))),
        Type::Variant(variant) => {
            let case = |case: WitCase<'_>| Case { name: case.name.into(), payload: payload(&case) };
            Parts::Variant(variant.cases().map(case).collect())
        }
        Type::Option(option) => {
            Parts::Option { some: Form::boxed(&option.ty()), is_wrapped: shape::is_wrapped(option) }
        }
        Type::Result(result) => {
            let arm = |ty: Option<Type>| ty.map(|ty| Form::boxed(&ty));
            Parts::Result { ok: arm(result.ok()), error: arm(result.err()) }
        }
        _ => Parts::Absent,
    }
}

fn fields(members: Vec<shape::Member>) -> Vec<Field> {
    let field = |member: shape::Member| {
        let form = Form::of(&member.ty);
        Field { key: member.key, wit: member.wit, form }
    };
    members.into_iter().map(field).collect()
}

fn payload(case: &WitCase<'_>) -> CasePayload {
    match shape::payload(case) {
        Payload::Absent => CasePayload::Absent,
        Payload::Beside(record) => CasePayload::Beside(fields(shape::members(&record))),
        Payload::Under(ty) => CasePayload::Under(Form::of(&ty)),
    }
}
