//! Import and export.

use pomost_tests::{SAMPLE, TestDb, export, import};

#[tokio::test]
async fn an_export_imports_into_the_same_export() {
    let (first, second) = (TestDb::new().await, TestDb::new().await);
    let (first, second) = (first.store().await, second.store().await);
    import(&first, SAMPLE).await.unwrap();
    let exported = export(&first).await;
    import(&second, exported.clone()).await.unwrap();
    assert_eq!(export(&second).await, exported);
}
